'use strict';
'require baseclass';

// The history page of the agent as slots of a chart: the last 24 hours, days, months, by class or by device.

const stepSeconds = 300;
const hourSeconds = 3600;
const daySlots = 31;

function two(number) {
	return String(number).padStart(2, '0');
}

// `14:35` of the router's day, whatever zone the browser is in.
function clock(page, seconds) {
	const offset = page.offsets.filter(([from], index) => index === 0 || from <= seconds).pop()[1];
	const minutes = Math.floor((seconds + offset) / 60) % 1440;
	return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function dayBefore(day, count) {
	return new Date(Date.parse(`${day}T00:00:00Z`) - count * 86400000).toISOString().slice(0, 10);
}

function monthBefore(month, count) {
	const [year, number] = month.split('-').map(Number);
	const months = year * 12 + number - 1 - count;
	return `${Math.floor(months / 12)}-${two(months % 12 + 1)}`;
}

// Every slot of the span has its place, those without bytes too.
function filled(keys, found, labelOf) {
	return keys.map((key) => ({ label: labelOf(key), values: found.get(key) || {} }));
}

function recent(page, cells, values, width) {
	const last = Math.floor(Date.parse(page.updated) / 1000 / width) * width;
	const count = 86400 / width;
	const keys = Array.from({ length: count }, (_none, index) => last - (count - 1 - index) * width);
	return filled(keys, new Map(cells.map((cell) => [cell.from, cell[values]])), (from) => clock(page, from));
}

function addTo(sums, values) {
	for (const name in values) {
		const [up, down] = sums[name] || [0, 0];
		sums[name] = [up + values[name][0], down + values[name][1]];
	}
}

function monthsOf(days) {
	const months = new Map();
	days.forEach(({ day, classes }) => {
		const month = day.slice(0, 7);
		if (!months.has(month))
			months.set(month, Object.create(null));
		addTo(months.get(month), classes);
	});
	return months;
}

return baseclass.extend({
	addTo,

	// page: as `ubus call netmon history` gives it; by: 'class' or 'device'. Slots, the newest last.
	slots(page, period, by) {
		const isClass = by === 'class';
		if (period === 'day')
			return isClass ? recent(page, page.steps, 'classes', stepSeconds) : recent(page, page.device_hours, 'devices', hourSeconds);
		if (period === 'days') {
			const keys = Array.from({ length: daySlots }, (_none, index) => dayBefore(page.today, daySlots - 1 - index));
			const cells = isClass ? page.days.map(({ day, classes }) => [day, classes]) : page.device_days.map(({ day, devices }) => [day, devices]);
			return filled(keys, new Map(cells), (day) => day);
		}
		const months = isClass ? monthsOf(page.days) : new Map(page.device_months.map(({ month, devices }) => [month, devices]));
		const keys = Array.from({ length: 13 }, (_none, index) => monthBefore(page.today.slice(0, 7), 12 - index));
		return filled(keys, months, (month) => month);
	}
});
