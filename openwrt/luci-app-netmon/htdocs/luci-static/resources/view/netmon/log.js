'use strict';
'require view';
'require poll';
'require fs';
'require dom';

// netmon's lines of the system log, newest last, as text.

const pollSeconds = 5;
const mostLines = 500;

function read() {
	return L.resolveDefault(fs.exec_direct('/sbin/logread', ['-e', 'netmon']), '').then((text) => {
		const lines = String(text || '').trim().split('\n').slice(-mostLines);
		return lines.join('\n') || _('There is no line of netmon in the log.');
	});
}

return view.extend({
	load: read,

	render(text) {
		const log = E('pre', { 'style': 'white-space:pre-wrap;overflow-wrap:anywhere' }, [text]);
		poll.add(() => read().then((fresh) => dom.content(log, [fresh])), pollSeconds);
		return E('div', {}, [
			E('h2', {}, [_('netmon: log')]),
			E('div', { 'class': 'cbi-section' }, [log])
		]);
	},

	handleSave: null,
	handleSaveApply: null,
	handleReset: null
});
