// SPDX-License-Identifier: GPL-2.0-or-later
fetch('http://server:8080/')
	.then(answer => answer.text())
	.then(text => console.log(text.length));
