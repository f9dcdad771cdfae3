// SPDX-License-Identifier: GPL-2.0-or-later
//
// What pages can do besides being read: the list of scenarios is searched and filtered, and what is pointed at in a
// ladder is told in full. All of it is in the page; nothing is fetched.
'use strict';

// ---- search and filters ----

function valuesOf(entry, key) {
	const values = entry.dataset[key];
	return values === undefined ? [] : values.split('\n');
}

function fits(entry, words, wanted) {
	return wanted.every(([key, value]) => valuesOf(entry, key).includes(value)) &&
		words.every((word) => entry.found.includes(word));
}

function beginSearch(form) {
	const entries = [...document.querySelectorAll('li.scenario')];
	const sections = [...document.querySelectorAll('main section')];
	const selects = [...form.querySelectorAll('select')];
	const words = form.querySelector('#words');
	const found = document.getElementById('found');

	for (const entry of entries)
		entry.found = [entry.textContent, ...Object.values(entry.dataset)].join('\n').toLowerCase();

	function show() {
		const wanted = selects.filter((s) => s.value).map((s) => [s.name, s.value]);
		const list = words.value.toLowerCase().split(/\s+/).filter(Boolean);
		let count = 0;

		for (const entry of entries) {
			entry.hidden = !fits(entry, list, wanted);
			count += !entry.hidden;
		}
		for (const section of sections)
			section.hidden = !section.querySelector('li.scenario:not([hidden])');
		found.textContent = `${count} of ${entries.length} scenarios`;
		const address = new URLSearchParams(wanted);
		if (list.length)
			address.set('words', list.join(' '));
		history.replaceState(null, '', `#${address}`);
	}

	// An address says what is looked for: index.html#errno=EPIPE
	function take() {
		const address = new URLSearchParams(location.hash.slice(1));
		for (const select of selects)
			select.value = address.get(select.name) ?? '';
		words.value = address.get('words') ?? '';
		show();
	}

	form.hidden = false;
	form.addEventListener('input', show);
	form.addEventListener('submit', (event) => event.preventDefault());
	form.addEventListener('reset', () => setTimeout(show));
	addEventListener('hashchange', take);
	take();
}

// ---- the ladder ----

// The row that tells of an event, of a packet also where it has arrived.
function rowOf(event) {
	const place = document.getElementById(`e${event}`);
	return place && place.closest('tr');
}

// The events that it tells of.
function aboutOf(event) {
	const row = rowOf(event);
	return row ? [...row.querySelectorAll('[data-about]')].map((note) => note.dataset.about) : [];
}

// What covers the picture's lines: LINE pixels each, from HEAD on (harness/ladder/ladder.h).
const LINE = 18, HEAD = 30;

function boxesOf(picture) {
	const boxes = [];

	picture.dataset.rows.split(',').forEach((event, line) => {
		const last = boxes.at(-1);
		if (!event)
			return;
		if (last && last.event === event && last.end === line) {
			last.end++;
			return;
		}
		boxes.push({ event, line, end: line + 1, node: document.createElement('div') });
	});
	for (const { event, line, end, node } of boxes) {
		const row = rowOf(event);
		const said = row && row.cells[2].firstChild;

		node.className = 'row';
		node.dataset.event = event;
		node.tabIndex = 0;
		node.setAttribute('role', 'button');
		node.setAttribute('aria-label', said ? said.textContent.trim() : 'an event');
		node.style.top = `${HEAD + line * LINE}px`;
		node.style.height = `${(end - line) * LINE}px`;
	}
	picture.append(...boxes.map((box) => box.node));
	return boxes.map((box) => box.node);
}

function beginLadder(picture) {
	const boxes = boxesOf(picture);
	const told = document.getElementById('told');
	const about = new Map(boxes.map((box) => [box, aboutOf(box.dataset.event)]));

	function tell(box) {
		const event = box.dataset.event;
		const row = rowOf(event);

		for (const other of boxes) {
			const own = rowOf(other.dataset.event) === row;
			other.classList.toggle('on', own);
			other.classList.toggle('near', !own && (about.get(other).includes(event) ||
				about.get(box).includes(other.dataset.event)));
		}
		told.replaceChildren(...(row ? [...row.cells[2].childNodes].map((node) => node.cloneNode(true)) : []));
		for (const node of told.querySelectorAll('[id]'))
			node.removeAttribute('id');
		told.hidden = !row;
	}

	for (const box of boxes) {
		box.addEventListener('mouseenter', () => tell(box));
		box.addEventListener('focus', () => tell(box));
		box.addEventListener('click', () => tell(box));
	}
	picture.addEventListener('keydown', (event) => {
		const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
		const next = boxes[boxes.indexOf(document.activeElement) + step];
		if (!step || !next)
			return;
		event.preventDefault();
		next.focus();
	});
}

// ---- the transcript ----

// All that is known of its lines is hidden at first (page.css).
function beginTranscript(heading) {
	const table = heading.nextElementSibling;
	const label = document.createElement('label');
	const box = document.createElement('input');

	box.type = 'checkbox';
	box.id = 'full';
	box.addEventListener('change', () => table.classList.toggle('full', box.checked));
	label.append(box, ' all that is known of each line');
	heading.append(' ', label);
}

const form = document.getElementById('find');
if (form)
	beginSearch(form);
for (const picture of document.querySelectorAll('.picture[data-rows]'))
	beginLadder(picture);
const transcript = document.getElementById('transcript');
if (transcript)
	beginTranscript(transcript);
