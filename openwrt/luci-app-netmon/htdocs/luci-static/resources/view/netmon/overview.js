'use strict';
'require view';
'require poll';
'require rpc';
'require dom';
'require netmon.figures as figures';
'require netmon.chart as chart';

// What flows now and what it adds up to. Text goes into the page as text only (as an array: a bare string would be
// taken for HTML), because names and errors come from the network.

const pollSeconds = 2;
const chartSamples = 150;

// From the bottom of the charts up; together they are the WAN.
const layers = [
	{ name: 'direct', title: _('Direct'), color: '#2f9e5f' },
	{ name: 'proxy', title: _('Proxy'), color: '#3b7dd8' },
	{ name: 'reject', title: _('Rejected'), color: '#b3474f' },
	{ name: 'unattributed', title: _('Unattributed'), color: '#8c8c8c' },
	{ name: 'overhead', title: _('Overhead'), color: '#c9a227' },
	{ name: 'bypass', title: _('Bypass'), color: '#d9742b' }
];
const sums = [
	{ name: 'core', title: _('Core (mihomo)') },
	{ name: 'wan', title: 'WAN' }
];

const callStatus = rpc.declare({ object: 'netmon', method: 'status' });

// rows: arrays of cells, a cell a text or an array of nodes and texts. On a phone LuCI shows a cell's title beside it.
function table(titles, rows) {
	const row = (cells) => E('div', { 'class': 'tr' }, cells.map((cell, column) =>
		E('div', {
			'class': 'td',
			'data-title': titles[column] || null,
			// There the names get a line of their own, and the figures stand in pairs.
			'style': column === 0 && titles.length > 2 ? 'flex-basis:100%' : null
		}, [].concat(cell))));
	return E('div', { 'class': 'table' }, [
		E('div', { 'class': 'tr table-titles' }, titles.map((title) => E('div', { 'class': 'th' }, [title])))
	].concat(rows.map(row)));
}

function part(bytes, direction) {
	return bytes ? bytes[direction] : null;
}

function speedRow({ name, title, color }, status) {
	const speed = status.speeds[name], total = status.totals[name];
	const swatch = color ? [E('span', { 'style': `display:inline-block;width:.8em;height:.8em;margin-right:.5em;background:${color}` }, [])] : [];
	return [
		swatch.concat(color ? title : E('strong', {}, [title])),
		figures.rate(part(speed, 'down')),
		figures.rate(part(speed, 'up')),
		figures.bytes(part(total, 'down')),
		figures.bytes(part(total, 'up'))
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
	if (queue)
		rows.push([_('Queue'), _('%d rows, %s; a power cut now would cost %s').format(
			queue.rows, figures.bytes(queue.file_bytes), figures.duration(queue.power_cut_costs_seconds))]);
	if (sync)
		rows.push([_('Master'), `${sync.state}, ` + _('last reached %s ago, %s behind').format(
			figures.since(sync.last_success, status.updated), figures.duration(sync.backlog_seconds))]);
	rows.push([_('Agent'), _('%s, version %s, Node %s, running for %s').format(
		status.agent_id, status.version, status.process.node, figures.since(status.started, status.updated))]);
	return table([], rows.map(([name, text]) => [[E('strong', {}, [name])], text]));
}

function health(status) {
	return table(
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

// What is in the way, and what to do about it.
function trouble(status) {
	if (!status.speeds)
		return [status.error || _('netmon is not running. The log says why; the settings have a switch.')];
	const down = status.health.filter(({ state }) => state === 'down' || state === 'given up');
	const hints = down.map((one) => `${one.part}: ${one.last_error || one.state}`);
	if (!status.core.connected)
		hints.push(_('Without nikki or OpenClash, set the controller\'s address and secret in the settings.'));
	return hints;
}

return view.extend({
	load() {
		return L.resolveDefault(callStatus(), {});
	},

	render(status) {
		this.charts = [
			{ direction: 'down', chart: chart.make(_('Download'), layers, chartSamples) },
			{ direction: 'up', chart: chart.make(_('Upload'), layers, chartSamples) }
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

	show(status) {
		const hints = trouble(status);
		dom.content(this.trouble, hints.map((hint) => E('div', { 'class': 'alert-message warning' }, [hint])));
		if (!status.speeds)
			return dom.content(this.rest, []);
		this.charts.forEach((one) => {
			const speeds = {};
			layers.forEach(({ name }) => { speeds[name] = part(status.speeds[name], one.direction); });
			one.chart.add(speeds);
		});
		dom.content(this.figures, [table(
			['', _('Download'), _('Upload'), _('Downloaded'), _('Uploaded')],
			layers.concat(sums).map((row) => speedRow(row, status))
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
