'use strict';
'require view';
'require poll';
'require rpc';
'require dom';
'require fs';
'require uci';
'require netmon.figures as figures';
'require netmon.chart as chart';
'require netmon.classes as classes';
'require netmon.table as table';

// What flows now and what it adds up to.

const pollSeconds = 2;
const chartSamples = 150;
const settingsPage = 'admin/services/netmon/settings';

const sums = [
	{ name: 'core', title: _('Core (mihomo)') },
	{ name: 'wan', title: 'WAN' }
];

const callStatus = rpc.declare({ object: 'netmon', method: 'status' });

function part(bytes, direction) {
	return bytes ? bytes[direction] : null;
}

// A class that is not told of today has moved nothing; without WAN counters that is not known of the WAN's.
function today(status, name) {
	const told = status.today.classes;
	if (name === 'core')
		return ['direct', 'proxy', 'reject', 'unattributed'].reduce((sum, one) => {
			const { up, down } = told[one] || { up: 0, down: 0 };
			return { up: sum.up + up, down: sum.down + down };
		}, { up: 0, down: 0 });
	return told[name] || (told.wan || !['wan', 'overhead', 'bypass'].includes(name) ? { up: 0, down: 0 } : null);
}

function speedRow({ name, title, color }, status) {
	const speed = status.speeds[name], day = today(status, name);
	return [
		table.named(title, color),
		figures.rate(part(speed, 'down')),
		figures.rate(part(speed, 'up')),
		figures.bytes(part(day, 'down')),
		figures.bytes(part(day, 'up'))
	];
}

// The promise, in the figures of now.
function law(status, direction) {
	const of = (name) => figures.bytes(part(status.totals[name], direction));
	return [
		E('div', {}, [`WAN ${of('wan')} = ${_('core')} ${of('core')} + ${_('overhead')} ${of('overhead')} + ${_('bypass')} ${of('bypass')}`]),
		E('div', {}, [`${_('core')} ${of('core')} = ${_('attributed')} ${of('attributed')} + ${_('unattributed')} ${of('unattributed')}`])
	];
}

function facts(status) {
	const { core, wan, udp, queue, sync } = status;
	const rows = [
		[_('Core'), core.connected
			? _('mihomo %s at %s, %d connections').format(core.version || '?', core.url, core.connections || 0)
			: _('not reached at %s').format(core.url)],
		[_('WAN counters'), wan.source ? `${wan.source}: ${wan.devices.join(', ') || _('no device')}; ${[wan.why].concat(wan.notes || []).join('; ')}` : _('none')],
		[_('Displays on the LAN'), udp ? _('%d registered, %d frames sent').format(udp.clients, udp.frames) : _('off')]
	];
	if (queue) {
		const waiting = [queue.usage, queue.unattributed].reduce((sum, { queued }) => sum + queued.up + queued.down, 0);
		const dropped = [queue.usage, queue.unattributed].reduce((sum, { dropped }) => sum + dropped.up + dropped.down, 0);
		rows.push([_('Queue'), _('%d rows of %s that flowed, a file of %s; dropped so far: %s').format(
			queue.rows, figures.bytes(waiting), figures.bytes(queue.file_bytes), figures.bytes(dropped))]);
		rows.push([_('A power cut now'), _('would cost the last %s').format(figures.duration(queue.power_cut_costs_seconds))]);
	} else {
		rows.push([_('Queue'), _('no file: what waits is in memory only')]);
	}
	rows.push([_('Master'), sync
		? `${sync.state}, ` + _('last reached %s ago, %s behind, %s sent').format(
			figures.since(sync.last_success, status.updated), figures.duration(sync.backlog_seconds), figures.bytes(sync.bytes_sent))
		: _('none is set: the router keeps its own history')]);
	rows.push([_('Agent'), _('%s, version %s, Node %s, running for %s').format(
		status.agent_id, status.version, status.process.node, figures.since(status.started, status.updated))]);
	return table.make([], rows.map(([name, text]) => [[E('strong', {}, [name])], text]));
}

function health(status) {
	return table.make(
		[_('Part'), _('State'), _('Since'), _('Uptime'), _('Last error')],
		status.health.map((one) => [
			one.part,
			one.state,
			figures.since(one.since, status.updated),
			one.state === 'off' ? figures.unknown : `${one.uptime_percent} %`,
			one.last_error || ''
		])
	);
}

function toSettings(sentence) {
	return [sentence + ' ', E('a', { 'href': L.url(settingsPage) }, [_('Settings')])];
}

// What is in the way, and what to do about it: sentences, and links to where it is done.
function trouble(status) {
	const down = status.health.filter(({ state }) => state === 'down' || state === 'given up');
	const hints = down.map((one) => [`${one.part}: ${one.last_error || one.state}`]);
	if (!status.core.connected)
		hints.push(toSettings(_('No core is reached. Where nikki or OpenClash runs, nothing has to be set; else set the controller\'s address and secret.')));
	return hints;
}

// The service is off, or its last word says what it lacks: no Node, no user, a folder.
function whyStopped() {
	return Promise.all([
		L.resolveDefault(uci.load('netmon'), null),
		L.resolveDefault(fs.exec_direct('/sbin/logread', ['-e', 'netmon']), '')
	]).then(([, log]) => {
		if (['0', 'off', 'false', 'no', 'disabled'].includes(uci.get('netmon', 'main', 'enabled')))
			return [toSettings(_('netmon is switched off.'))];
		const last = String(log || '').split('\n').filter((line) => line.includes('not started: ')).pop();
		const why = last ? [[last.slice(last.indexOf('not started: '))]] : [];
		return why.concat([toSettings(_('netmon is not running. The log says why.'))]);
	});
}

return view.extend({
	load() {
		return L.resolveDefault(callStatus(), {});
	},

	render(status) {
		this.charts = [
			{ direction: 'down', chart: chart.make(_('Download'), classes.layers, chartSamples) },
			{ direction: 'up', chart: chart.make(_('Upload'), classes.layers, chartSamples) }
		];
		this.trouble = E('div', {});
		this.figures = E('div', {});
		this.rest = E('div', {});
		this.show(status);
		poll.add(() => L.resolveDefault(callStatus(), {}).then((fresh) => this.show(fresh)), pollSeconds);
		return E('div', {}, [
			E('h2', {}, [_('netmon: overview')]),
			this.trouble,
			E('div', { 'class': 'cbi-section' }, [E('h3', {}, [_('Speeds')])].concat(
				this.charts.map((one) => one.chart.node), [this.figures])),
			this.rest
		]);
	},

	hint(hints) {
		dom.content(this.trouble, hints.map(table.hint));
	},

	show(status) {
		if (!status.speeds) {
			dom.content(this.rest, []);
			dom.content(this.figures, []);
			return status.error ? this.hint([[status.error]]) : whyStopped().then((hints) => this.hint(hints));
		}
		this.hint(trouble(status));
		this.charts.forEach((one) => {
			const speeds = {};
			classes.layers.forEach(({ name }) => { speeds[name] = part(status.speeds[name], one.direction); });
			one.chart.add(speeds);
		});
		dom.content(this.figures, [table.make(
			['', _('Download'), _('Upload'), _('Downloaded today'), _('Uploaded today')],
			classes.layers.concat(sums).map((row) => speedRow(row, status))
		)]);
		dom.content(this.rest, [
			E('div', { 'class': 'cbi-section' }, [
				E('h3', {}, [_('It adds up (since the agent started)')]),
				E('h4', {}, [_('Download')]), ...law(status, 'down'),
				E('h4', {}, [_('Upload')]), ...law(status, 'up')
			]),
			E('div', { 'class': 'cbi-section' }, [E('h3', {}, [_('Sources and sinks')]), facts(status)]),
			E('div', { 'class': 'cbi-section' }, [E('h3', {}, [_('Health')]), health(status)])
		]);
	},

	handleSave: null,
	handleSaveApply: null,
	handleReset: null
});
