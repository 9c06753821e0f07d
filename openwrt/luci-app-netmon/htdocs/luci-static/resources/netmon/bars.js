'use strict';
'require baseclass';
'require netmon.figures as figures';

// Bytes over time as bars of layers that stand upon each other, one bar a slot; a slot without bytes is empty.

const width = 600;
const height = 120;
const labelsMost = 6;

function svg(tag, attributes, children) {
	const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
	for (const name in attributes)
		node.setAttribute(name, attributes[name]);
	(children || []).forEach((child) => node.appendChild(child));
	return node;
}

function scaleFor(peak) {
	const power = Math.pow(10, Math.floor(Math.log10(Math.max(peak, 1000))));
	return [1, 2, 5, 10].map((step) => step * power).find((scale) => scale >= peak);
}

function total(values, layers, side) {
	return layers.reduce((sum, { name }) => sum + Math.max(0, values[name] ? values[name][side] : 0), 0);
}

// One slot's bars, from the bottom up, with what they mean for who points at them.
function bar(slot, index, { slots, layers, side, scale }) {
	const step = width / slots.length;
	let floor = height;
	const parts = layers.map(({ name, color }) => {
		const tall = height * Math.max(0, slot.values[name] ? slot.values[name][side] : 0) / scale;
		floor -= tall;
		return svg('rect', {
			x: (index * step).toFixed(2), y: floor.toFixed(2), fill: color,
			width: (step * (slots.length > 100 ? 1 : 0.85)).toFixed(2), height: tall.toFixed(2)
		});
	});
	const title = svg('title', {});
	title.textContent = `${slot.label}: ${figures.bytes(total(slot.values, layers, side))}`;
	return svg('g', {}, [title].concat(parts));
}

function labels(slots) {
	const every = Math.max(1, Math.ceil(slots.length / labelsMost));
	const shown = slots.filter((_slot, index) => index % every === 0);
	return E('div', { 'style': 'display:flex;font-size:85%;opacity:.7' }, shown.map(({ label }, index) => {
		const room = Math.min(every, slots.length - index * every);
		// The last may have no room for its text.
		return E('span', { 'style': `width:${100 * room / slots.length}%;white-space:nowrap` }, [room > every / 2 || slots.length <= labelsMost ? label : '']);
	}));
}

return baseclass.extend({
	// slots: [{ label, values: { layer's name: [up, down] } }], oldest first; side: 0 = up, 1 = down.
	make(title, layers, slots, side) {
		const scale = scaleFor(Math.max(0, ...slots.map(({ values }) => total(values, layers, side))));
		const lines = [0, 0.5, 1].map((part) => svg('line', {
			x1: 0, x2: width, y1: height * part, y2: height * part,
			stroke: 'currentColor', 'stroke-opacity': 0.25, 'vector-effect': 'non-scaling-stroke'
		}));
		const bars = slots.map((slot, index) => bar(slot, index, { slots, layers, side, scale }));
		return E('div', { 'style': 'margin-bottom:1em' }, [
			E('div', { 'style': 'display:flex;justify-content:space-between' }, [E('strong', {}, [title]), E('span', {}, [figures.bytes(scale)])]),
			svg('svg', { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', width: '100%', height: height, role: 'img', 'aria-label': title }, lines.concat(bars)),
			labels(slots)
		]);
	},

	// A part of the most as a line of two colours: what came down, what went up.
	share(up, down, most) {
		const part = (bytes, color) => E('div', { 'style': `width:${(100 * bytes / Math.max(1, most)).toFixed(2)}%;background:${color}` }, []);
		return E('div', { 'class': 'netmon-share', 'style': 'display:flex;height:.8em;min-width:6em;background:rgba(127,127,127,.15)' }, [
			part(down, '#3b7dd8'), part(up, '#2f9e5f')
		]);
	}
});
