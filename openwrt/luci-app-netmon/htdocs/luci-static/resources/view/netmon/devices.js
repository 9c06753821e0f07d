'use strict';
'require view';
'require rpc';
'require dom';
'require netmon.figures as figures';
'require netmon.looking as looking';
'require netmon.table as table';

// Who is here: what the router's tables and the owner say of each device, and what it moved.

const callDevices = rpc.declare({ object: 'netmon', method: 'devices' });

function read() {
	return L.resolveDefault(callDevices(), {});
}

function nameOf({ name, named, key, mac, random }) {
	const parts = [E('strong', {}, [name || _('no name')])];
	if (named === 'owner')
		parts.push(' ', E('span', { 'class': 'label' }, [_('yours')]));
	if (random)
		parts.push(' ', E('span', { 'class': 'label warning', 'title': _('a MAC that the device made up: it may change') }, [_('random MAC')]));
	parts.push(E('div', {}, [mac || (name ? key : _('MAC not known'))]));
	return parts;
}

function moved(bytes) {
	return bytes ? table.pair(bytes.down, bytes.up) : figures.unknown;
}

function row(device, updated) {
	const more = device.more_addresses > 0 ? [E('div', {}, [_('and %d more').format(device.more_addresses)])] : [];
	return [
		nameOf(device),
		device.addresses.map((address) => E('div', { 'style': 'overflow-wrap:anywhere' }, [address])).concat(more),
		moved(device.today),
		moved(device.month),
		device.seen === null ? figures.unknown : _('%s ago').format(figures.since(device.seen, updated)),
		_('%s ago').format(figures.since(device.first, updated))
	];
}

return view.extend({
	load: read,

	render(page) {
		this.content = E('div', {});
		this.show(page);
		looking.keep(read, (fresh) => this.show(fresh));
		return E('div', {}, [E('h2', {}, [_('netmon: devices')]), this.content]);
	},

	show(page) {
		if (!page.devices)
			return dom.content(this.content, [table.hint(page.error || _('There are no devices yet: netmon does not run, or has just begun to look.'))]);
		dom.content(this.content, page.notes.map((note) => table.hint(note)).concat([
			E('div', { 'class': 'cbi-section' }, [
				table.make(
					[_('Device'), _('Addresses'), _('Today'), _('This month'), _('Last connection'), _('First seen')],
					page.devices.map((device) => row(device, page.updated))
				),
				E('p', {}, [page.devices.length === 0 ? _('No device was seen yet.') : page.left_out > 0 ? _('and %d more').format(page.left_out) : ''])
			])
		]));
	},

	handleSave: null,
	handleSaveApply: null,
	handleReset: null
});
