# SPDX-License-Identifier: GPL-2.0-or-later
import urllib.request

with urllib.request.urlopen("http://server:8080/") as answer:
    print(len(answer.read()))
