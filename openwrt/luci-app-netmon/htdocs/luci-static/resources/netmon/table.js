'use strict';
'require baseclass';
'require netmon.figures as figures';

// Tables as LuCI's own, and what a page says where there is nothing to show. Text goes into a page as text only (as an
// array: a bare string would be taken for HTML), because names and errors come from the network.

function swatch(color) {
	return E('span', { 'style': `display:inline-block;width:.8em;height:.8em;margin-right:.5em;background:${color}` }, []);
}

return baseclass.extend({
	// rows: arrays of cells, a cell a text or an array of nodes and texts. On a phone LuCI shows a cell's title beside it.
	make(titles, rows) {
		const row = (cells) => E('div', { 'class': 'tr' }, cells.map((cell, column) =>
			E('div', {
				'class': 'td',
				'data-title': titles[column] || null,
				// There the names get a line of their own, and the figures stand in pairs.
				'style': column === 0 && titles.length > 2 ? 'flex-basis:100%;overflow-wrap:break-word' : null
			}, [].concat(cell))));
		return E('div', { 'class': 'table' }, [
			E('div', { 'class': 'tr table-titles' }, titles.map((title) => E('div', { 'class': 'th' }, [title])))
		].concat(rows.map(row)));
	},

	swatch,

	// Bytes of both ways, each on a line of its own.
	pair(down, up) {
		return [`↓ ${figures.bytes(down)}`, `↑ ${figures.bytes(up)}`].map((text) => E('div', { 'style': 'white-space:nowrap' }, [text]));
	},

	// A name with the colour that it has in a chart; without one it is a sum.
	named(title, color) {
		return color ? [swatch(color), title] : [E('strong', {}, [title])];
	},

	hint(text) {
		return E('div', { 'class': 'alert-message warning' }, [].concat(text));
	},

	// LuCI's tabs as a choice: choices [{ name, title }], onChoose(name).
	choice(choices, chosen, onChoose) {
		return E('ul', { 'class': 'cbi-tabmenu' }, choices.map(({ name, title }) =>
			E('li', { 'class': name === chosen ? 'cbi-tab' : 'cbi-tab-disabled', 'data-name': name }, [
				E('a', { 'href': '#', 'click': (event) => { event.preventDefault(); onChoose(name); } }, [title])
			])));
	}
});
