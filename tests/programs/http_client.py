# SPDX-License-Identifier: GPL-2.0-or-later
import http.client

connection = http.client.HTTPConnection("server", 8080)
connection.request("GET", "/")
print(len(connection.getresponse().read()))
