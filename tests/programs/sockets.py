# SPDX-License-Identifier: GPL-2.0-or-later
import socket

with socket.create_connection(("server", 8080)) as s:
    s.sendall(b"GET / HTTP/1.0\r\n\r\n")
    answer = b""
    while piece := s.recv(65536):
        answer += piece
print(len(answer))
