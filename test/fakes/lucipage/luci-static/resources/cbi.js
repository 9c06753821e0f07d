// LuCI's globals as far as netmon's pages use them, written for the tests from their documented behaviour.
'use strict';

function _(text) {
	return (window.TR && window.TR[text]) || text;
}

String.prototype.format = function (...values) {
	return this.replace(/%([sd])/g, (_all, kind) => (kind === 'd' ? String(Math.floor(values.shift())) : String(values.shift())));
};
