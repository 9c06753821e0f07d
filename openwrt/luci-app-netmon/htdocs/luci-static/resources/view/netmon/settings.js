'use strict';
'require view';
'require form';
'require rpc';
'require ui';
'require netmon.check as check';

// /etc/config/netmon. Save & Apply renders it for the agent, which reads it without losing a second of counting.

const callDoctor = rpc.declare({ object: 'netmon', method: 'doctor' });

const tabs = {
	general: _('General'),
	wan: 'WAN',
	lan: _('Displays'),
	master: _('Master'),
	storage: _('Storage'),
	advanced: _('Advanced')
};

// [tab, option, title, description, kind, what the kind needs]
const options = [
	['general', 'enabled', _('Enabled'), '', 'flag', { on: '1', off: '0', standard: '1' }],
	['general', 'core', _('Core'), _('auto: the controller and secret of nikki or OpenClash'), 'choice', ['auto', 'url']],
	['general', 'clash_url', _('Controller'), _('mihomo\'s external controller'), 'value', { placeholder: 'ws://127.0.0.1:9090/connections', check: check.controller, when: ['core', 'url'] }],
	['general', 'mihomo_token', _('Secret'), _('of the controller, where it is not nikki\'s or OpenClash\'s'), 'secret'],
	['general', 'clash_certificate', _('Certificate'), _('SHA-256 fingerprint, for wss and https'), 'value', { check: check.fingerprint, when: ['core', 'url'] }],
	['general', 'interval', _('Interval'), _('ms between two looks at the core, or auto'), 'value', { placeholder: '1000', check: check.wholeOr('auto', 100, 60000) }],
	['general', 'record_hosts', _('Host names'), _('what of them is stored and sent'), 'choice', ['full', 'domain', 'none']],

	['wan', 'wan_source', _('Counters'), _('auto: the first that works'), 'choice', ['auto', 'procfs', 'ubus', 'luci', 'none']],
	['wan', 'wan_device', _('Devices'), _('found by themselves when none is named'), 'list', { check: check.device }],
	['wan', 'luci_url', _('LuCI of another router'), _('where its counters are to be read'), 'value', { placeholder: 'https://192.168.1.1', check: check.server }],
	['wan', 'luci_username', _('User name'), '', 'value', { placeholder: 'root' }],
	['wan', 'luci_password', _('Password'), '', 'secret'],
	['wan', 'luci_certificate', _('Certificate'), _('SHA-256 fingerprint'), 'value', { check: check.fingerprint }],

	['lan', 'listen_port', _('UDP port'), _('displays register here; 0: none'), 'value', { placeholder: '17890', check: check.whole(0, 65535) }],
	['lan', 'listen_host', _('Address'), _('every address when empty'), 'value', { datatype: 'ipaddr' }],
	['lan', 'udp_broadcast', _('Broadcast to'), _('lan, an interface or an address, each with :PORT if need be'), 'list', { placeholder: 'lan', check: check.target }],
	['lan', 'udp_old', _('Old displays'), _('serve displays of the old program'), 'flag', { on: 'on', off: 'off', standard: 'on' }],

	['master', 'master_url', _('Master'), _('without one, the router keeps its own history'), 'value', { placeholder: 'https://master.example:9091', check: check.server }],
	['master', 'master_token', _('Token'), '', 'secret'],
	['master', 'master_certificate', _('Certificate'), _('SHA-256 fingerprint'), 'value', { check: check.fingerprint }],
	['master', 'agent_id', _('Name of this router'), _('host name and four digits of its MAC when empty'), 'value', { check: check.name }],
	['master', 'sync_interval', _('Sync every'), _('seconds'), 'value', { placeholder: '60', check: check.whole(1, 86400) }],

	['storage', 'persist_dir', _('Folder that outlives a reboot'), _('on flash or a disk; none: nothing is kept'), 'value', { placeholder: '/etc/netmon', check: (value) => check.folderOrNone(value) }],
	['storage', 'flash_budget', _('Flash budget'), _('MB an hour that may be written there'), 'value', { placeholder: '1', check: check.decimal(0.1, 1000) }],
	['storage', 'flush_interval', _('Flush after'), _('seconds that rows may wait for the master'), 'value', { placeholder: '300', check: check.whole(1, 86400) }],
	['storage', 'commit_interval', _('Commit every'), _('seconds, to memory'), 'value', { placeholder: '5', check: check.whole(1, 3600) }],
	['storage', 'queue_limit', _('Queue'), _('MiB at most'), 'value', { placeholder: '16', check: check.whole(1, 65536) }],
	['storage', 'queue_age_days', _('Queue\'s age'), _('days at most'), 'value', { placeholder: '30', check: check.whole(1, 3650) }],
	['storage', 'data_retention_days', _('Keep what arrived'), _('days'), 'value', { placeholder: '0', check: check.whole(0, 3650) }],
	['storage', 'state_dir', _('Folder of living files'), _('in memory'), 'value', { placeholder: '/var/run/netmon', check: check.folder }],

	['advanced', 'log_level', _('Log level'), '', 'choice', ['info', 'error', 'warn', 'debug']],
	['advanced', 'log_format', _('Log format'), '', 'choice', ['text', 'json']],
	['advanced', 'log_connections', _('Log connections'), _('a line for each: the household\'s history in the log'), 'flag', { on: 'on', off: 'off', standard: 'off' }],
	['advanced', 'node', 'Node', _('the program that runs netmon'), 'value', { placeholder: '/usr/bin/node', check: check.program }],
	['advanced', 'node_heap', _('Heap'), _('MB; a tenth of the memory when empty'), 'value', { check: check.whole(16, 65536) }],
	['advanced', 'nice', _('Nice'), _('how far it stands back behind others'), 'value', { placeholder: '10', datatype: 'range(-20,19)' }],
	['advanced', 'timeout', _('Timeout'), _('seconds for one network operation'), 'value', { placeholder: '10', check: check.whole(1, 300) }],
	['advanced', 'retry_mihomo', _('Retry the core'), _('fast, default, slow, infinite, or TRIES:MIN_MS:MAX_MS'), 'value', { placeholder: 'infinite', check: check.retry }],
	['advanced', 'retry_luci', _('Retry LuCI'), '', 'value', { placeholder: 'infinite', check: check.retry }],
	['advanced', 'retry_sync', _('Retry the master'), '', 'value', { placeholder: 'infinite', check: check.retry }]
];

const widgets = { flag: form.Flag, choice: form.ListValue, list: form.DynamicList, value: form.Value, secret: form.Value };

function addOption(section, [tab, name, title, description, kind, needs]) {
	const option = section.taboption(tab, widgets[kind], name, title, description);
	if (kind === 'choice') {
		needs.forEach((choice) => option.value(choice));
		option.default = needs[0];
	} else if (kind === 'flag') {
		option.enabled = needs.on;
		option.disabled = needs.off;
		option.default = needs.standard;
		// What is off must stand in the file where the agent's own default is on.
		option.rmempty = false;
	} else if (kind === 'secret') {
		option.password = true;
	} else {
		if (needs.placeholder)
			option.placeholder = needs.placeholder;
		if (needs.datatype)
			option.datatype = needs.datatype;
		if (needs.check)
			option.validate = (section_id, value) => needs.check(value);
		if (needs.when)
			option.depends(needs.when[0], needs.when[1]);
	}
}

function examine() {
	ui.showModal(_('Looking'), [E('p', { 'class': 'spinning' }, [_('The doctor looks at the core, the WAN and the folders.')])]);
	return callDoctor().then(
		(answer) => answer.text || '',
		(error) => String(error)
	).then((text) => ui.showModal(_('What the doctor says'), [
		E('pre', { 'style': 'white-space:pre-wrap' }, [text]),
		E('div', { 'class': 'right' }, [E('button', { 'class': 'btn', 'click': ui.hideModal }, [_('Close')])])
	]));
}

return view.extend({
	render() {
		const map = new form.Map('netmon', _('netmon: settings'),
			_('Who used how much through which path. With nikki or OpenClash nothing has to be set.'));
		const section = map.section(form.NamedSection, 'main', 'agent');
		Object.keys(tabs).forEach((tab) => section.tab(tab, tabs[tab]));
		options.forEach((option) => addOption(section, option));
		const button = section.taboption('general', form.Button, '_doctor', _('Test the connection'),
			_('with the settings that were saved and applied'));
		button.inputtitle = _('Ask the doctor');
		button.onclick = examine;
		return map.render();
	}
});
