'use strict';
'require baseclass';
'require dom';
'require netmon.figures as figures';

// The last minutes of one direction as areas that lie upon each other: their sum is what the WAN moved.

const width = 600;
const height = 120;

function svg(tag, attributes) {
	const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
	for (const name in attributes)
		node.setAttribute(name, attributes[name]);
	return node;
}

// The next of 1, 2, 5, 10, 20, ... above a speed, so that the scale stays where it is for a while.
function scaleFor(peak) {
	const power = Math.pow(10, Math.floor(Math.log10(Math.max(peak, 1000))));
	return [1, 2, 5, 10].map((step) => step * power).find((scale) => scale >= peak);
}

const Chart = baseclass.extend({
	// layers: [{ name, title, color }], from the bottom up; title: what the chart is of.
	__init__(title, layers, samples) {
		this.layers = layers;
		this.samples = samples;
		this.rows = [];
		this.areas = layers.map(({ color }) => svg('polygon', { fill: color, 'fill-opacity': 0.8 }));
		this.scale = E('span', {}, []);
		const picture = svg('svg', {
			viewBox: `0 0 ${width} ${height}`,
			preserveAspectRatio: 'none',
			width: '100%',
			height: height,
			role: 'img',
			'aria-label': title
		});
		[0, 0.5, 1].forEach((part) => picture.appendChild(svg('line', {
			x1: 0, x2: width, y1: height * part, y2: height * part,
			stroke: 'currentColor', 'stroke-opacity': 0.25, 'vector-effect': 'non-scaling-stroke'
		})));
		this.areas.forEach((area) => picture.appendChild(area));
		this.node = E('div', { 'style': 'margin-bottom:1em' }, [
			E('div', { 'style': 'display:flex;justify-content:space-between' }, [E('strong', {}, [title]), this.scale]),
			picture
		]);
	},

	// speeds: by layer's name, bytes per second, null where unknown.
	add(speeds) {
		this.rows.push(this.layers.map(({ name }) => speeds[name] || 0));
		this.rows = this.rows.slice(-this.samples);
		const scale = scaleFor(Math.max(...this.rows.map((row) => row.reduce((sum, speed) => sum + speed, 0))));
		dom.content(this.scale, [figures.rate(scale)]);
		const floor = this.rows.map(() => 0);
		this.areas.forEach((area, layer) => {
			const under = this.points(floor, scale);
			this.rows.forEach((row, index) => { floor[index] += row[layer]; });
			area.setAttribute('points', this.points(floor, scale).concat(under.reverse()).join(' '));
		});
	},

	// The newest sample stands at the right.
	points(heights, scale) {
		const step = width / (this.samples - 1);
		return heights.map((value, index) => {
			const x = width - (heights.length - 1 - index) * step;
			return x.toFixed(1) + ',' + (height * (1 - value / scale)).toFixed(1);
		});
	}
});

// What is required is made once; a page has two charts.
return baseclass.extend({
	make(title, layers, samples) {
		return new Chart(title, layers, samples);
	}
});
