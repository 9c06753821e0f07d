'use strict';
'require view';
'require rpc';
'require dom';
'require netmon.bars as bars';
'require netmon.classes as classes';
'require netmon.figures as figures';
'require netmon.looking as looking';
'require netmon.periods as periods';
'require netmon.table as table';

// What was: the last 24 hours, days and months, by class and by device, in the router's own days.

const devicesShown = 7;
const colors = ['#3b7dd8', '#2f9e5f', '#d9742b', '#8e5bb5', '#c9a227', '#2aa5a0', '#b3474f'];
const rest = '\u0000rest';

const callHistory = rpc.declare({ object: 'netmon', method: 'history' });
const callDevices = rpc.declare({ object: 'netmon', method: 'devices' });

const allPeriods = [{ name: 'day', title: _('24 hours') }, { name: 'days', title: _('Days') }, { name: 'months', title: _('Months') }];
const allKinds = [{ name: 'class', title: _('By class') }, { name: 'device', title: _('By device') }];

function read() {
	return Promise.all([L.resolveDefault(callHistory(), {}), L.resolveDefault(callDevices(), {})]);
}

// A device's bytes from before its MAC was known stand under its address.
function identities(devices) {
	const names = new Map();
	(devices || []).forEach(({ key, name, addresses }) =>
		addresses.concat(key).forEach((one) => names.set(one, { key, title: name || key })));
	return names;
}

function byDevice(slots, names) {
	return slots.map(({ label, values }) => {
		const merged = Object.create(null);
		for (const key in values)
			periods.addTo(merged, { [names.has(key) ? names.get(key).key : key]: values[key] });
		return { label, values: merged };
	});
}

// The busiest of the span each with a colour, all others as one.
function deviceLayers(slots, names) {
	const sums = Object.create(null);
	slots.forEach(({ values }) => periods.addTo(sums, values));
	const keys = Object.keys(sums).sort((one, other) => sums[other][0] + sums[other][1] - sums[one][0] - sums[one][1]);
	const titleOf = (key) => key === 'other' ? _('others') : names.has(key) ? names.get(key).title : key || _('not known');
	const layers = keys.slice(0, devicesShown).map((key, index) => ({ name: key, title: titleOf(key), color: colors[index] }));
	if (keys.length <= devicesShown)
		return { layers, slots };
	const shown = new Set(keys.slice(0, devicesShown));
	const folded = slots.map(({ label, values }) => {
		const kept = Object.create(null);
		for (const key in values)
			periods.addTo(kept, { [shown.has(key) ? key : rest]: values[key] });
		return { label, values: kept };
	});
	return { layers: layers.concat({ name: rest, title: _('others'), color: '#8c8c8c' }), slots: folded };
}

// Rejected connections seldom move a byte.
function classLayers(slots) {
	const moves = slots.some(({ values }) => values.reject);
	return { layers: classes.layers.filter(({ name }) => moves || name !== 'reject'), slots };
}

// What is not told of a class is nothing, but overhead and bypass are unknown without WAN counters; of a device only the
// busiest are told.
function cell(values, name, kind) {
	const known = kind === 'class' && (values.wan || !['overhead', 'bypass'].includes(name));
	const bytes = values[name] || (known ? [0, 0] : null);
	return bytes ? table.pair(bytes[1], bytes[0]) : figures.unknown;
}

function sumOf(values, layers) {
	const found = layers.filter(({ name }) => values[name]);
	return found.length === 0 ? null : found.reduce(([up, down], { name }) => [up + values[name][0], down + values[name][1]], [0, 0]);
}

// 24 hours have too many steps for a table: there an hour is a row.
function rows(slots) {
	if (slots.length <= 31)
		return slots;
	const hours = [];
	slots.forEach(({ label, values }) => {
		const hour = label.slice(0, 3) + '00';
		if (hours.length === 0 || hours[hours.length - 1].label !== hour)
			hours.push({ label: hour, values: Object.create(null) });
		periods.addTo(hours[hours.length - 1].values, values);
	});
	return hours;
}

return view.extend({
	load: read,

	render(pages) {
		this.period = 'day';
		this.kind = 'class';
		this.content = E('div', {});
		this.pages = pages;
		this.show();
		looking.keep(read, (fresh) => { this.pages = fresh; this.show(); });
		return E('div', {}, [E('h2', {}, [_('netmon: history')]), this.content]);
	},

	choose(what, name) {
		this[what] = name;
		this.show();
	},

	show() {
		const [history, { devices }] = this.pages;
		if (!history.days)
			return dom.content(this.content, [table.hint(history.error || _('There is no history yet: netmon does not run, or has just begun to write it.'))]);
		const names = identities(devices);
		const found = periods.slots(history, this.period, this.kind);
		const { layers, slots } = this.kind === 'class' ? classLayers(found) : deviceLayers(byDevice(found, names), names);
		const legend = E('div', { 'style': 'margin-bottom:1em' }, layers.map(({ title, color }) =>
			E('span', { 'style': 'margin-right:1.5em;white-space:nowrap' }, [table.swatch(color), title])));
		dom.content(this.content, [
			table.choice(allPeriods, this.period, (name) => this.choose('period', name)),
			table.choice(allKinds, this.kind, (name) => this.choose('kind', name)),
			E('div', { 'class': 'cbi-section' }, [
				legend,
				bars.make(_('Download'), layers, slots, 1),
				bars.make(_('Upload'), layers, slots, 0)
			]),
			E('div', { 'class': 'cbi-section' }, [table.make(
				['', _('Total')].concat(layers.map(({ title }) => title)),
				rows(slots).reverse().filter(({ values }) => sumOf(values, layers)).map(({ label, values }) =>
					[[E('span', { 'style': 'white-space:nowrap' }, [label])], cell({ sum: sumOf(values, layers) }, 'sum')].concat(layers.map(({ name }) => cell(values, name, this.kind))))
			)])
		]);
	},

	handleSave: null,
	handleSaveApply: null,
	handleReset: null
});
