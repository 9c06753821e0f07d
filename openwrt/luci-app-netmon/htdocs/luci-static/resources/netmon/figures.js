'use strict';
'require baseclass';

// Numbers for people. null is unknown, and is never shown as 0.

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

function scaled(number) {
	let unit = 0;
	while (Math.abs(number) >= 999.5 && unit < units.length - 1) {
		number /= 1000;
		unit += 1;
	}
	const digits = unit === 0 || Math.abs(number) >= 99.95 ? 0 : Math.abs(number) >= 9.995 ? 1 : 2;
	return number.toFixed(digits) + ' ' + units[unit];
}

return baseclass.extend({
	unknown: '–',

	bytes(number) {
		return typeof number === 'number' ? scaled(number) : this.unknown;
	},

	rate(number) {
		return typeof number === 'number' ? scaled(number) + '/s' : this.unknown;
	},

	duration(seconds) {
		if (typeof seconds !== 'number')
			return this.unknown;
		if (seconds < 120)
			return _('%d s').format(seconds);
		if (seconds < 7200)
			return _('%d min').format(seconds / 60);
		if (seconds < 172800)
			return _('%d h').format(seconds / 3600);
		return _('%d days').format(seconds / 86400);
	},

	// How long ago a time like 2026-11-23T05:00:00Z was, by the router's clock.
	since(time, now) {
		const then = Date.parse(time);
		return isNaN(then) ? this.unknown : this.duration(Math.max(0, (Date.parse(now) - then) / 1000));
	}
});
