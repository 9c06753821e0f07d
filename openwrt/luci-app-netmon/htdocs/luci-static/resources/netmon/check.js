'use strict';
'require baseclass';

// What the agent takes for a value: the same rules as its own, so that the page refuses what it would refuse. Each
// answers true or a sentence; an empty value is one that is not set.

function matching(pattern, sentence) {
	return (value) => !value || pattern.test(value) || sentence;
}

function within(pattern, least, most, sentence) {
	return (value) => !value || (pattern.test(value) && Number(value) >= least && Number(value) <= most) || sentence;
}

return baseclass.extend({
	whole(least, most) {
		return within(/^\d{1,15}$/, least, most, _('a whole number from %d to %d').format(least, most));
	},

	decimal(least, most) {
		return within(/^\d{1,15}(\.\d{1,9})?$/, least, most, _('a number from %s to %s').format(least, most));
	},

	wholeOr(word, least, most) {
		const whole = this.whole(least, most);
		return (value) => value === word || whole(value);
	},

	controller: matching(/^((wss?|https?):\/\/[^\s/?#@]+([/?][^\s#]*)?|unix:(\/\/)?\/[^\s?#]+(\?[^\s#]*)?)$/,
		_('an address that begins with ws://, wss://, http://, https:// or unix:/')),

	server: matching(/^https?:\/\/[^\s/?#@]+([/?][^\s#]*)?$/, _('an address that begins with http:// or https://')),

	fingerprint: matching(/^(any|([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2})$/, _('any, or a SHA-256 fingerprint of 64 hex digits')),

	name: matching(/^[\w.-]{1,64}$/, _('1 to 64 letters, digits, "-", "_" and "."')),

	device: matching(/^[^\s/,]{1,64}$/, _('the name of a network device')),

	target: matching(/^(none|(old:)?((\d{1,3}\.){3}\d{1,3}|(?![\d.]+(:|$))[^\s/,:[\]]{1,15}|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?)$/,
		_('lan, an interface or an address, each with :PORT if need be')),

	folder: matching(/^\/([^/]+\/)*netmon(-[^/]+)?$/, _('a full path whose last part is netmon or netmon-SOMETHING')),

	folderOrNone(value) {
		return value === 'none' || this.folder(value);
	},

	program: matching(/^\/\S+$/, _('the full path of a program')),

	retry: matching(/^(fast|default|slow|infinite|\d{1,9}:\d{1,9}:\d{1,9})$/,
		_('fast, default, slow, infinite, or TRIES:MIN_MS:MAX_MS'))
});
