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

// The rows of a ladder's row: of its event and, of a packet that has arrived, of that.
function rowsOf(group) {
	const row = document.getElementById(`e${group.dataset.event}`);
	return row ? [row, document.getElementById(`e${row.dataset.arrived}`)].filter(Boolean) : [];
}

// The events that they tell of.
function aboutOf(group) {
	return rowsOf(group).flatMap((row) => [...row.querySelectorAll('[data-about]')]).map((note) => note.dataset.about);
}

function beginLadder(ladder) {
	const groups = [...ladder.querySelectorAll('g[data-event]')];
	const told = document.getElementById('told');
	const about = new Map(groups.map((g) => [g, aboutOf(g)]));

	function tell(group) {
		const event = group.dataset.event;
		const rows = rowsOf(group);

		for (const other of groups) {
			const own = other.dataset.event === event;
			other.classList.toggle('on', own);
			other.classList.toggle('near', !own && (about.get(other).includes(event) ||
				about.get(group).includes(other.dataset.event)));
		}
		told.replaceChildren(...rows.map((row) => {
			const part = document.createElement('div');
			part.append(...[...row.cells[2].childNodes].map((node) => node.cloneNode(true)));
			return part;
		}));
		told.hidden = !rows.length;
	}

	for (const group of groups) {
		group.setAttribute('tabindex', '0');
		group.setAttribute('role', 'button');
		group.setAttribute('aria-label', group.textContent.trim().replace(/\s+/g, ' '));
		group.addEventListener('mouseenter', () => tell(group));
		group.addEventListener('focus', () => tell(group));
		group.addEventListener('click', () => tell(group));
	}
	ladder.addEventListener('keydown', (event) => {
		const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
		const next = groups[groups.indexOf(document.activeElement) + step];
		if (!step || !next)
			return;
		event.preventDefault();
		next.focus();
	});
}

const form = document.getElementById('find');
if (form)
	beginSearch(form);
for (const ladder of document.querySelectorAll('svg.ladder'))
	beginLadder(ladder);
