import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { readMasterSettings } from '../../src/masterconfig.ts';
import { parseUci } from '../../src/system/uci.ts';
import { readIpk } from '../fakes/ipk.ts';
import { buildPackages, Router, type UciValue, whyNoRouter } from '../fakes/router.ts';

const folder = mkdtempSync(join(tmpdir(), 'netmon-ipk-'));
let packages: ReadonlyMap<string, Buffer>;
before(() => {
	packages = buildPackages(folder);
});
after(() => rmSync(folder, { recursive: true, force: true }));

const fine = { code: 0, stdout: '', stderr: '' };
const set = (router: Router, options: Readonly<Record<string, UciValue>>) =>
	router.setUci('netmon-master', [{ type: 'master', name: 'main', options: { enabled: '1', ...options } }]);
const said = (router: Router) => router.records().map((one) => one.join(' '));
const procd = (router: Router) => said(router).filter((one) => one.startsWith('procd'));
const service = (router: Router, action: string) => router.service(action, 'netmon-master');

/** A router where the master's package is installed, its records forgotten. */
function onRouter(title: string, body: (router: Router) => void): void {
	test(title, (t: TestContext) => {
		const why = whyNoRouter();
		if (why) return t.skip(why);
		const router = new Router();
		try {
			assert.deepEqual(router.install(packages.get('netmon-master')!), fine);
			router.records();
			body(router);
		} finally {
			router.remove();
		}
	});
}

onRouter('it is installed switched off, and says nothing', (router) => {
	assert.deepEqual(readdirSync(router.path('etc/rc.d')).sort(), ['K11netmon-master', 'S94netmon-master']);
	assert.equal(router.rights('etc/config/netmon-master'), '0600 0:0');
	assert.deepEqual(service(router, 'start'), fine);
	assert.deepEqual(
		said(router).filter((one) => /^(procd|log|param)/.test(one)),
		[],
	);
	assert.ok(!existsSync(router.path('srv/netmon-master')));
});

onRouter('it starts the master as user netmon with what was rendered, and no secret where others see it', (router) => {
	const token = "it's a 'secret' of 32 characters";
	set(router, { listen_host: '0.0.0.0', api_token: token, allow_host: ['a.example', 'b.example'] });
	service(router, 'start');
	const records = router.records();
	assert.deepEqual(
		records.filter(([what]) => what === 'param').map(([, ...rest]) => rest),
		[
			['command', '/usr/bin/netmon-master', '--config', '/var/run/netmon-master/config'],
			['env', 'NETMON_NODE=/usr/bin/node', 'NETMON_NODE_HEAP=98', 'NETMON_ENV_FILE=none'],
			['user', 'netmon'],
			['group', 'netmon'],
			['nice', '10'],
			['respawn', '3600', '10', '0'],
			['term_timeout', '30'],
			['stderr', '1'],
		],
	);
	assert.deepEqual(
		records.filter(([what]) => what === 'trigger').map(([, ...rest]) => rest),
		[
			['config', 'netmon-master'],
			['mount', '/srv/netmon-master'],
		],
	);
	assert.ok(!records.flat().join('\n').includes(token));
	for (const one of ['srv/netmon-master', 'var/run/netmon-master'])
		assert.equal(router.rights(one), '0700 32768:32768');
	assert.equal(router.rights('var/run/netmon-master/config'), '0600 32768:32768');
	const read = readMasterSettings({
		argv: ['--config', router.path('var/run/netmon-master/config')],
		env: { NETMON_ENV_FILE: 'none' },
		cwd: '/',
	});
	assert.ok(read.command === 'master', JSON.stringify(read));
	assert.deepEqual(read.warnings, []);
	const { database, listenHost, apiToken, allowHosts } = read.settings;
	assert.deepEqual(
		{ database, listenHost, apiToken, allowHosts },
		{
			database: '/srv/netmon-master/master.db',
			listenHost: '0.0.0.0',
			apiToken: token,
			allowHosts: ['a.example', 'b.example'],
		},
	);
});

onRouter('it restarts the master when its settings are others, and only then', (router) => {
	set(router, {});
	service(router, 'start');
	router.records();
	service(router, 'reload');
	assert.deepEqual(procd(router), []);
	set(router, { retention_days: '30' });
	service(router, 'reload');
	assert.deepEqual(procd(router), ['procd killed', 'procd started']);
	set(router, { enabled: '0' });
	service(router, 'reload');
	assert.deepEqual(procd(router), ['procd stopped']);
});

onRouter('it waits for a disk that is not mounted, and starts when it is', (router) => {
	set(router, { database: '/mnt/usb/netmon-master/master.db' });
	service(router, 'start');
	const records = said(router);
	assert.ok(records.some((one) => one.endsWith('the folder of database waits for /mnt/usb, which is not mounted yet')));
	assert.ok(records.includes('trigger mount /mnt/usb/netmon-master'));
	assert.ok(!records.includes('procd started'));
	router.write('proc/mounts', '/dev/sda1 /mnt/usb ext4 rw 0 0\n');
	service(router, 'reload');
	assert.ok(procd(router).includes('procd started'));
	assert.equal(router.rights('mnt/usb/netmon-master'), '0700 32768:32768');
});

const refusals: readonly [what: string, lay: (router: Router) => void, sentence: RegExp][] = [
	['no node', (router) => rmSync(router.path('usr/bin/node')), /there is no Node at \/usr\/bin\/node/],
	['an old node', (router) => router.node('v16.20.2'), /netmon needs Node 18 or newer/],
	['no user', (router) => router.write('etc/passwd', 'root:x:0:0:root:/root:/bin/ash\n'), /there is no user netmon/],
	[
		'a database that is a folder',
		(router) => set(router, { database: '/srv/netmon/' }),
		/takes the full path of a file/,
	],
	[
		'a database that is no path',
		(router) => set(router, { database: 'x'.repeat(70_000) }),
		/takes the full path of a file/,
	],
	['a folder of others', (router) => set(router, { database: '/etc/master.db' }), /last part is netmon or netmon-/],
	['a database in the root', (router) => set(router, { database: '/master.db' }), /the folder of database is ''/],
	[
		'a section that is an agent',
		(router) => router.setUci('netmon-master', [{ type: 'agent', name: 'main', options: { enabled: '1' } }]),
		/no section config master 'main'/,
	],
	[
		'a read-only or full overlay',
		(router) => void router.run('mkdir -p /srv; touch /srv/netmon-master'),
		/cannot be made or given to user netmon/,
	],
];
for (const [what, lay, sentence] of refusals) {
	onRouter(`it starts no master and says why: ${what}`, (router) => {
		set(router, {});
		lay(router);
		router.records();
		assert.equal(service(router, 'start').stderr, '');
		const logs = router.records().filter(([kind]) => kind === 'log');
		assert.deepEqual(logs[0]!.slice(1, 5), ['-t', 'netmon-master', '-p', 'daemon.err']);
		assert.match(logs[0]!.at(-1)!, sentence);
		assert.ok(!existsSync(router.path('tmp/procd-netmon-master')));
	});
}

onRouter('it runs Node with its flags, and orders find the database of the one that runs', (router) => {
	set(router, { node_heap: '200' });
	service(router, 'start');
	router.records();
	router.run('/usr/bin/netmon-master token list');
	const [node, environment] = router.records().filter(([what]) => what === 'node' || what === 'environment');
	const flags = ['--max-semi-space-size=1', '--v8-pool-size=0', '--liftoff-only', '--heap-growing-percent=15', '--'];
	const program = '/usr/lib/netmon-master/netmon-master.js';
	assert.deepEqual(node, ['node', '--max-old-space-size=200', ...flags, program, 'token', 'list']);
	assert.equal(environment![1], 'NETMON_CONFIG=/var/run/netmon-master/config');
});

onRouter('it stands beside the agent, and each may go without hurting the other', (router) => {
	router.install(packages.get('netmon')!);
	set(router, {});
	service(router, 'start');
	assert.equal(router.read('etc/passwd').match(/^netmon:/gm)?.length, 1, 'one user for both');
	const filesOf = (name: string) =>
		readIpk(packages.get(name)!)
			.data.filter(({ kind, path }) => kind === 'file' && !path.startsWith('/etc/uci-defaults/'))
			.map(({ path }) => path);
	const shared = filesOf('netmon').filter((path) => filesOf('netmon-master').includes(path));
	assert.deepEqual(shared, [], 'no file belongs to both');
	for (const [gone, stays] of [
		['netmon', 'netmon-master'],
		['netmon-master', 'netmon'],
	] as const) {
		router.records();
		assert.equal(router.uninstall(gone).code, 0);
		assert.deepEqual(
			filesOf(stays).filter((path) => !existsSync(router.path(path))),
			[],
		);
		assert.ok(existsSync(router.path(`tmp/procd-${stays}`)), `${stays} runs on`);
		assert.ok(!existsSync(router.path(`tmp/procd-${gone}`)));
		router.service('restart', stays);
		assert.deepEqual(procd(router).slice(-1), ['procd started']);
		router.install(packages.get(gone)!);
		if (gone === 'netmon-master') set(router, {});
	}
});

onRouter('it keeps its settings through upgrade, downgrade and removal, and its store through all', (router) => {
	const ipk = packages.get('netmon-master')!;
	set(router, { retention_days: '12' });
	service(router, 'start');
	router.write('srv/netmon-master/master.db', 'years');
	for (const as of ['9.0.0-r1', '0.0.9-r1']) {
		router.records();
		assert.deepEqual(router.install(ipk, { as }), fine);
		assert.deepEqual(procd(router), ['procd killed', 'procd started']);
		assert.match(router.read('etc/config/netmon-master'), /retention_days '12'/);
		assert.equal(router.rights('etc/config/netmon-master'), '0600 0:0');
	}
	assert.equal(router.uninstall('netmon-master').code, 0);
	assert.deepEqual(readdirSync(router.path('etc/rc.d')), []);
	assert.match(router.read('etc/config/netmon-master'), /retention_days '12'/);
	assert.equal(router.read('srv/netmon-master/master.db'), 'years');
});

onRouter('it makes its section again, and hides its secrets, where a restored backup had neither', (router) => {
	router.uninstall('netmon-master');
	router.write('etc/config/netmon-master', "config wrong 'other'\n", 0o644);
	assert.equal(router.install(packages.get('netmon-master')!).code, 0);
	const file = parseUci(Buffer.from(router.read('etc/config/netmon-master')));
	assert.ok('sections' in file && file.sections.some(({ type, name }) => type === 'master' && name === 'main'));
	assert.equal(router.rights('etc/config/netmon-master'), '0600 0:0');
});
