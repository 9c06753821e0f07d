'use strict';
'require view';
'require rpc';
'require dom';
'require netmon.bars as bars';
'require netmon.figures as figures';
'require netmon.looking as looking';
'require netmon.table as table';

// The busiest hosts and nodes of today and of this month, the largest first.

const callTop = rpc.declare({ object: 'netmon', method: 'top' });

function read() {
	return L.resolveDefault(callTop(), {});
}

function list(title, lines) {
	const most = Math.max(1, ...lines.map(([, up, down]) => up + down));
	return E('div', { 'class': 'cbi-section' }, [
		E('h3', {}, [title]),
		lines.length === 0 ? E('p', {}, [_('Nothing yet.')]) : table.make(
			['', _('Downloaded'), _('Uploaded'), ''],
			lines.map(([name, up, down]) => [name || _('not known'), figures.bytes(down), figures.bytes(up), [bars.share(up, down, most)]])
		)
	]);
}

return view.extend({
	load: read,

	render(page) {
		this.period = 'today';
		this.content = E('div', {});
		this.page = page;
		this.show();
		looking.keep(read, (fresh) => { this.page = fresh; this.show(); });
		return E('div', {}, [E('h2', {}, [_('netmon: top')]), this.content]);
	},

	show() {
		if (!this.page.today)
			return dom.content(this.content, [table.hint(this.page.error || _('There is no list yet: netmon does not run, or has just begun to write it.'))]);
		const { hosts, nodes } = this.page[this.period];
		const periods = [{ name: 'today', title: _('Today') }, { name: 'month', title: _('This month') }];
		dom.content(this.content, [
			table.choice(periods, this.period, (name) => { this.period = name; this.show(); }),
			list(_('Nodes'), nodes),
			list(_('Hosts'), hosts)
		]);
	},

	handleSave: null,
	handleSaveApply: null,
	handleReset: null
});
