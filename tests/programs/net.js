// SPDX-License-Identifier: GPL-2.0-or-later
const net = require('net');

let length = 0;
const socket = net.connect(8080, 'server', () => socket.write('GET / HTTP/1.0\r\n\r\n'));
socket.on('data', piece => length += piece.length);
socket.on('end', () => console.log(length));
