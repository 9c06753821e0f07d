'use strict';
'require baseclass';
'require poll';

// The agent writes its larger pages only while somebody looks, so the first answer may be none, or an old one: it is
// asked for once more soon, and then again and again.

const firstMs = 1500;
const pollSeconds = 10;

return baseclass.extend({
	// read(): a promise of what show() takes.
	keep(read, show) {
		const again = () => read().then(show);
		window.setTimeout(again, firstMs);
		poll.add(again, pollSeconds);
	}
});
