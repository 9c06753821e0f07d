import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '../../src/config.ts';

const read = (text: string) => {
	const call = readSettings({
		argv: ['agent', '--config', '/rendered'],
		env: { NETMON_ENV_FILE: 'none' },
		cwd: '/',
		readFile: () => Buffer.from(text),
	});
	assert.ok(call.command === 'agent', call.command === 'error' ? call.text : '');
	return call;
};

const agent = "config agent 'main'\n\toption interval '500'\n";

test('it takes the router facts beside the settings, and warns about none of them', () => {
	const { settings, warnings } = read(`# node 20
${agent}
config router 'router'
	option looked '/var/run/netmon.looked'
	option flow_offload 'hw'
	list wan_device 'eth1'
	list wan_device 'eth2'
	list lan_device 'br-lan'

config host
	option name 'nas'
	list mac 'AA:BB:CC:00:00:01'
	list mac 'AA:BB:CC:00:00:*'
	list ip '192.168.1.9'

config host
	option name 'guest'
# end
`);
	assert.equal(settings.interval, 500);
	assert.deepEqual(warnings, []);
	assert.deepEqual(settings.router, {
		flowOffload: 'hard',
		wanDevices: ['eth1', 'eth2'],
		lanDevices: ['br-lan'],
		hosts: [
			{ name: 'nas', macs: ['AA:BB:CC:00:00:01', 'AA:BB:CC:00:00:*'], addresses: ['192.168.1.9'] },
			{ name: 'guest', macs: [], addresses: [] },
		],
		lookedFile: '/var/run/netmon.looked',
	});
});

test('it knows nothing of a router where no init script wrote the file, and still warns about other sections', () => {
	const { settings, warnings } = read(`${agent}\nconfig host 'h'\n`);
	assert.equal(settings.router, null);
	assert.deepEqual(warnings, ["/rendered: the section config host 'h' is not read"]);
});

for (const [written, meant] of [
	['0', 'off'],
	['1', 'soft'],
	['hw', 'hard'],
	['__proto__', null],
] as const) {
	test(`it reads the flow offload ${written} as ${meant}`, () => {
		const { settings } = read(`${agent}config router\n\toption flow_offload '${written}'\n`);
		assert.equal(settings.router?.flowOffload, meant);
	});
}
