// SPDX-License-Identifier: GPL-2.0-or-later
const http = require('http');

http.get('http://server:8080/', answer => {
	let length = 0;
	answer.on('data', piece => length += piece.length);
	answer.on('end', () => console.log(length));
});
