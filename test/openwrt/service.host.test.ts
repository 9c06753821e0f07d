import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { parseUci } from '../../src/system/uci.ts';
import { buildPackages, Router, type UciValue, whyNoRouter } from '../fakes/router.ts';

let ipk: Buffer;
const folder = mkdtempSync(join(tmpdir(), 'netmon-ipk-'));
before(() => {
	ipk = buildPackages(folder).get('netmon')!;
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** A test on a router where the package is installed and runs, its records forgotten. */
function onRouter(title: string, body: (router: Router) => void): void {
	test(title, (t: TestContext) => {
		const why = whyNoRouter();
		if (why) return t.skip(why);
		const router = new Router();
		try {
			assert.deepEqual(router.install(ipk), { code: 0, stdout: '', stderr: '' });
			router.records();
			body(router);
		} finally {
			router.remove();
		}
	});
}

const recordsOf = (router: Router, kind: string) =>
	router
		.records()
		.filter(([what]) => what === kind)
		.map(([, ...rest]) => rest.join(' '));

function rendered(router: Router) {
	const file = parseUci(Buffer.from(router.read('var/run/netmon/config'), 'utf8'));
	assert.ok('sections' in file, 'error' in file ? file.error : '');
	return file.sections.map(({ type, options }) => [type, Object.fromEntries(options)] as const);
}

const agentOf = (router: Router) => rendered(router).find(([type]) => type === 'agent')![1];
const set = (router: Router, options: Readonly<Record<string, UciValue>>) =>
	router.setUci('netmon', [{ type: 'agent', name: 'main', options }]);

/** The agent runs and has told so. */
function listen(router: Router): void {
	router.write('var/run/netmon/status.json', '{"core":{},"process":{"pid":2364,"rss":1}}');
	mkdirSync(router.path('proc/2364'));
}

onRouter('it starts the agent as user netmon, by procd, with what was rendered', (router) => {
	router.service('stop');
	router.records();
	router.service('start');
	const records = router.records();
	assert.deepEqual(
		records.filter(([what]) => what === 'param').map(([, ...rest]) => rest),
		[
			['command', '/usr/bin/netmon', 'agent', '--config', '/var/run/netmon/config'],
			['env', 'NETMON_NODE=/usr/bin/node', 'NETMON_NODE_HEAP=49', 'NETMON_ENV_FILE=none'],
			['user', 'netmon'],
			['group', 'netmon'],
			['nice', '10'],
			['respawn', '3600', '10', '0'],
			['term_timeout', '15'],
			['stderr', '1'],
		],
	);
	assert.deepEqual(
		records.filter(([what]) => what === 'trigger').map(([, ...rest]) => rest),
		[
			['config', 'netmon', 'network', 'firewall', 'dhcp', 'nikki', 'openclash'],
			['event', 'interface.*.up', '2000', '/etc/init.d/netmon', 'reload'],
			['mount', '/etc/netmon'],
		],
	);
	assert.equal(router.rights('var/run/netmon'), '0700 32768:32768');
	assert.equal(router.rights('var/run/netmon/config'), '0600 32768:32768');
	assert.equal(router.rights('etc/netmon'), '0700 32768:32768');
	assert.equal(router.rights('etc/config/netmon'), '0600 0:0');
});

onRouter('it renders the options of the router, its devices and its hosts', (router) => {
	router.setUci('firewall', [{ type: 'defaults', options: { flow_offloading: '1', flow_offloading_hw: '1' } }]);
	router.setUci('dhcp', [
		{ type: 'dnsmasq', options: { domainneeded: '1' } },
		{ type: 'host', options: { name: 'nas', mac: 'AA:BB:CC:00:00:01 AA:BB:CC:00:00:02', ip: '192.168.1.9' } },
		{ type: 'host', options: { name: "bob's", mac: ['00:11:22:33:44:*'] } },
		{ type: 'host', options: { mac: '00:11:22:33:44:56' } },
	]);
	router.write('tmp/networks', 'wan pppoe-wan\nwan6 pppoe-wan\nlan br-lan\n');
	set(router, {
		interval: '500',
		udp_broadcast: ['lan', 'old:lan'],
		enabled: '1',
		node_heap: '64',
		persist_dir: 'none',
	});
	router.service('restart');
	assert.deepEqual(rendered(router), [
		[
			'agent',
			{
				interval: '500',
				udp_broadcast: ['lan', 'old:lan'],
				state_dir: '/var/run/netmon',
				status_file: '/var/run/netmon/status.json',
				data_retention_days: '0',
				log_connections: 'off',
			},
		],
		[
			'router',
			{ looked: '/var/run/netmon.looked', flow_offload: 'hw', wan_device: ['pppoe-wan'], lan_device: ['br-lan'] },
		],
		['host', { name: 'nas', mac: ['AA:BB:CC:00:00:01', 'AA:BB:CC:00:00:02'], ip: ['192.168.1.9'] }],
		['host', { name: "bob's", mac: ['00:11:22:33:44:*'] }],
	]);
});

onRouter('it starts before the WAN and before the clock, and names the WAN when it comes', (router) => {
	router.service('stop');
	router.write('tmp/networks', '');
	router.service('start');
	assert.deepEqual(rendered(router).find(([type]) => type === 'router')![1], {
		looked: '/var/run/netmon.looked',
		flow_offload: '0',
	});
	router.write('tmp/networks', 'wan eth1\nwan2 eth2\nlan br-lan\n');
	listen(router);
	router.records();
	router.service('reload');
	assert.deepEqual(recordsOf(router, 'signal'), ['netmon * HUP']);
	assert.deepEqual(rendered(router).find(([type]) => type === 'router')![1].wan_device, ['eth1']);
});

const nikki = (options: Readonly<Record<string, UciValue>>, enabled = '1') => [
	{ type: 'config', name: 'config', options: { enabled } },
	{ type: 'mixin', name: 'mixin', options },
];
const openclash = (enable: string) => [
	{ type: 'openclash', name: 'config', options: { enable, cn_port: '9099', dashboard_password: "it's 'secret'" } },
];

const cores: readonly [
	what: string,
	lay: (router: Router) => void,
	url: string | undefined,
	token: string | undefined,
][] = [
	[
		'nikki on every address',
		(router) => router.setUci('nikki', nikki({ api_listen: '[::]:9090', api_secret: 's3cret' })),
		'ws://127.0.0.1:9090/connections',
		's3cret',
	],
	[
		'nikki on one address',
		(router) => router.setUci('nikki', nikki({ api_listen: '192.168.1.1:9097' })),
		'ws://192.168.1.1:9097/connections',
		undefined,
	],
	[
		'an older nikki',
		(router) => router.setUci('nikki', nikki({ api_port: '9091', api_secret: 'x' })),
		'ws://127.0.0.1:9091/connections',
		'x',
	],
	[
		'OpenClash',
		(router) => router.setUci('openclash', openclash('1')),
		'ws://127.0.0.1:9099/connections',
		"it's 'secret'",
	],
	[
		'the one of both that runs',
		(router) => {
			router.setUci('nikki', nikki({ api_listen: ':9090' }, '0'));
			router.setUci('openclash', openclash('1'));
		},
		'ws://127.0.0.1:9099/connections',
		"it's 'secret'",
	],
	[
		'nikki where both run',
		(router) => {
			router.setUci('nikki', nikki({ api_listen: ':9090', api_secret: 'n' }));
			router.setUci('openclash', openclash('1'));
		},
		'ws://127.0.0.1:9090/connections',
		'n',
	],
	[
		"the user's own address before any other",
		(router) => {
			router.setUci('nikki', nikki({ api_listen: ':9090', api_secret: 'n' }));
			set(router, { clash_url: 'ws://10.0.0.2:9090', mihomo_token: 'mine' });
		},
		'ws://10.0.0.2:9090',
		'mine',
	],
	[
		'none when the user says url',
		(router) => {
			router.setUci('nikki', nikki({ api_listen: ':9090', api_secret: 'n' }));
			set(router, { core: 'url' });
		},
		undefined,
		undefined,
	],
];
for (const [what, lay, url, token] of cores) {
	onRouter(`it finds the core: ${what}`, (router) => {
		lay(router);
		router.service('restart');
		const { clash_url, mihomo_token } = agentOf(router);
		assert.deepEqual([clash_url, mihomo_token], [url, token]);
		const seen = router.records().map((one) => one.join(' '));
		for (const secret of ['s3cret', "it's 'secret'", 'mine']) {
			assert.deepEqual(
				seen.filter((one) => one.includes(secret)),
				[],
			);
		}
	});
}

onRouter('it says what to set when there is no core, and starts', (router) => {
	router.service('restart');
	const records = router.records();
	const logs = records.filter(([what]) => what === 'log').map((one) => one.at(-1)!);
	assert.equal(logs.length, 1);
	assert.match(logs[0]!, /no nikki and no OpenClash: set netmon\.main\.clash_url/);
	assert.ok(records.some((one) => one.join(' ') === 'procd started'));
});

onRouter('it reloads without a word to procd when nothing is other than before', (router) => {
	listen(router);
	router.service('reload');
	assert.deepEqual(
		router.records().filter(([what]) => what === 'signal' || what === 'procd'),
		[],
	);
});

onRouter('it sends HUP when settings changed, and restarts an agent that does not listen yet', (router) => {
	set(router, { interval: '500' });
	listen(router);
	router.service('reload');
	const records = router.records().map((one) => one.join(' '));
	assert.ok(records.includes('signal netmon * HUP'));
	assert.deepEqual(
		records.filter((one) => one.startsWith('procd')),
		[],
	);
	rmSync(router.path('var/run/netmon/status.json'));
	set(router, { interval: '600' });
	router.service('reload');
	assert.deepEqual(recordsOf(router, 'procd'), ['killed', 'started']);
	// Killed, and started again by procd a moment ago: the status is the old one's.
	router.write('var/run/netmon/status.json', '{"process":{"pid":2000}}');
	set(router, { interval: '700' });
	router.service('reload');
	assert.deepEqual(recordsOf(router, 'procd'), ['killed', 'started']);
});

for (const [option, value] of Object.entries({ nice: '19', node_heap: '40', node: '/opt/node' })) {
	onRouter(`it lets procd restart the agent when ${option} changed, and sends no HUP`, (router) => {
		router.run('mkdir /opt; cp /usr/bin/node /opt/node');
		listen(router);
		set(router, { [option]: value });
		router.service('reload');
		const records = router.records().map((one) => one.join(' '));
		assert.ok(records.includes('procd restarted'));
		assert.ok(!records.some((one) => one.startsWith('signal')));
	});
}

onRouter('it stops when it is switched off, stays off, and starts when it is switched on', (router) => {
	set(router, { enabled: '0' });
	router.service('reload');
	assert.deepEqual(recordsOf(router, 'procd'), ['stopped']);
	router.service('start');
	assert.deepEqual(recordsOf(router, 'procd'), []);
	set(router, { enabled: '1' });
	router.service('reload');
	assert.deepEqual(recordsOf(router, 'procd'), ['started']);
});

const refusals: readonly [what: string, lay: (router: Router) => void, sentence: RegExp][] = [
	[
		'no node',
		(router) => rmSync(router.path('usr/bin/node')),
		/there is no Node at \/usr\/bin\/node; 'opkg install node'/,
	],
	['an old node', (router) => router.node('v16.20.2'), /\/usr\/bin\/node is v16\.20\.2; netmon needs Node 18 or newer/],
	['something that is no node', (router) => set(router, { node: '/bin/true' }), /there is no Node at \/bin\/true/],
	['a node that says nothing', (router) => router.node(''), /\/usr\/bin\/node is no Node/],
	['no user', (router) => router.write('etc/passwd', 'root:x:0:0:root:/root:/bin/ash\n'), /there is no user netmon/],
	['no group', (router) => router.write('etc/group', 'root:x:0:\n'), /there is no user netmon/],
	['no settings', (router) => rmSync(router.path('etc/config/netmon')), /\/etc\/config\/netmon is missing, damaged/],
	['damaged settings', (router) => router.setUciFile('netmon', "config agent 'main", ''), /missing, damaged/],
	['no section', (router) => router.setUci('netmon', []), /no section config agent 'main'/],
	[
		'a state_dir that is a slip',
		(router) => set(router, { state_dir: '/etc' }),
		/state_dir is '\/etc'; it takes a full path/,
	],
	['a state_dir above', (router) => set(router, { state_dir: '/tmp/../netmon' }), /it takes a full path/],
	['a state_dir that is relative', (router) => set(router, { state_dir: 'netmon' }), /it takes a full path/],
];
for (const [what, lay, sentence] of refusals) {
	onRouter(`it starts nothing and says why: ${what}`, (router) => {
		router.service('stop');
		lay(router);
		router.records();
		const { stderr } = router.service('start');
		const records = router.records();
		assert.equal(stderr, '');
		const logs = records.filter(([kind]) => kind === 'log');
		assert.equal(logs.length, 1);
		assert.deepEqual(logs[0]!.slice(1, 5), ['-t', 'netmon', '-p', 'daemon.err']);
		assert.match(logs[0]!.at(-1)!, sentence);
		assert.ok(!records.some(([kind]) => kind === 'param' || kind === 'procd'));
	});
}

onRouter('it runs on with the old settings when the new ones cannot be used', (router) => {
	const before = router.read('var/run/netmon/config');
	set(router, { state_dir: '/etc' });
	router.service('reload');
	const records = router.records();
	assert.ok(records.some(([kind]) => kind === 'log'));
	assert.ok(!records.some(([kind]) => kind === 'signal' || kind === 'procd'));
	assert.equal(router.read('var/run/netmon/config'), before);
});

onRouter(
	'it gives folders to netmon again after a sysupgrade gave it another id, and follows no link in them',
	(router) => {
		router.run(
			'touch /etc/netmon/history.gz; ln -s /etc/passwd /etc/netmon/link; chown -R 40000:40000 /etc/netmon/history.gz',
		);
		router.service('restart');
		assert.equal(router.rights('etc/netmon/history.gz'), '0600 32768:32768'.replace('0600', '0644'));
		assert.equal(router.rights('etc/passwd'), '0644 0:0');
	},
);

onRouter('it keeps the folder of a link that root laid', (router) => {
	router.run('rm -r /etc/netmon; mkdir -p /srv/data; ln -s /srv/data /etc/netmon');
	router.service('restart');
	assert.equal(router.rights('srv/data'), '0700 32768:32768');
});

onRouter('it counts without persist_dir while its disk is not mounted, and takes it when it is', (router) => {
	set(router, { persist_dir: '/mnt/usb/netmon' });
	router.service('restart');
	const records = router.records();
	assert.ok(records.some((one) => one.join(' ') === 'trigger mount /mnt/usb/netmon'));
	assert.ok(records.some((one) => one.at(-1) === 'persist_dir waits for /mnt/usb, which is not mounted yet'));
	assert.equal(agentOf(router).persist_dir, undefined);
	assert.equal(router.rights('mnt/usb/netmon'), null);
	router.write('proc/mounts', '/dev/sda1 /mnt/usb ext4 rw 0 0\n');
	router.service('reload');
	assert.equal(agentOf(router).persist_dir, '/mnt/usb/netmon');
	assert.equal(router.rights('mnt/usb/netmon'), '0700 32768:32768');
});

onRouter('it counts without persist_dir where the overlay is read-only or full', (router) => {
	// A file in the place of the folder: mkdir fails there for root too.
	router.run('rm -r /etc/netmon; touch /etc/netmon');
	router.service('restart');
	const records = router.records();
	assert.ok(records.some((one) => /^persist_dir: \/etc\/netmon cannot be made/.test(one.at(-1)!)));
	assert.ok(records.some((one) => one.join(' ') === 'procd started'));
	assert.equal(agentOf(router).persist_dir, undefined);
});

const heaps: readonly [memoryKb: number, asked: string | null, heap: string, warns: boolean][] = [
	[250_000, null, '32', false],
	[501_760, null, '49', false],
	[1_000_000, null, '96', false],
	[8_000_000, null, '96', false],
	[501_760, '64', '64', false],
	[501_760, '4096', '49', true],
	[501_760, '1', '49', true],
	[501_760, 'much', '49', true],
];
for (const [memoryKb, asked, heap, warns] of heaps) {
	onRouter(`it gives the heap ${heap} MB of ${memoryKb} kB when ${asked ?? 'nothing'} is asked for`, (router) => {
		router.write('proc/meminfo', `MemTotal:       ${memoryKb} kB\n`);
		set(router, asked === null ? { clash_url: 'ws://127.0.0.1' } : { clash_url: 'ws://127.0.0.1', node_heap: asked });
		router.service('restart');
		const records = router.records();
		assert.equal(records.find((one) => one[1] === 'env')![3], `NETMON_NODE_HEAP=${heap}`);
		assert.equal(
			records.some((one) => one[0] === 'log'),
			warns,
		);
	});
}

onRouter('it runs Node with its flags, and from a shell with what UCI names', (router) => {
	router.run('/usr/bin/netmon status --json', { NETMON_NODE: '/usr/bin/node', NETMON_NODE_HEAP: '49' });
	const small = ['--max-semi-space-size=1', '--v8-pool-size=0', '--liftoff-only', '--heap-growing-percent=15'];
	const flags = [...small, '--', '/usr/lib/netmon/netmon.js'];
	const [node, environment] = router.records().filter(([what]) => what === 'node' || what === 'environment');
	assert.deepEqual(node, ['node', '--max-old-space-size=49', ...flags, 'status', '--json']);
	assert.equal(environment![1], 'NETMON_CONFIG=/var/run/netmon/config');
	router.run('mkdir /opt; cp /usr/bin/node /opt/node');
	set(router, { node: '/opt/node', node_heap: '64' });
	router.run('/usr/bin/netmon --version');
	assert.deepEqual(
		router.records().find(([what]) => what === 'node'),
		['node', '--max-old-space-size=64', ...flags, '--version'],
	);
});

onRouter('it has a doctor', (router) => {
	router.node('v20.20.2', 'the controller is there\n');
	const { stdout, code } = router.service('doctor');
	assert.deepEqual([stdout, code], ['the controller is there\n', 0]);
});
