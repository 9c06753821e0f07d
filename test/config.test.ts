import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryProfiles } from '../src/engine/backoff.ts';
import { call, envFile, errorOf, run, settingsOf, uci, uciFile } from './settings/calls.ts';

const day = 86_400_000;

test('it has the defaults of the settings page', () => {
	assert.deepEqual(settingsOf({ argv: ['agent'] }), {
		clash: {
			kind: 'tcp',
			host: '127.0.0.1',
			port: 9090,
			socketPath: '',
			basePath: '',
			token: null,
			url: 'ws://127.0.0.1:9090',
			certificate: null,
		},
		interval: 1000,
		wanSource: 'auto',
		wanDevice: null,
		luciUrl: null,
		luciUsername: 'root',
		luciPassword: null,
		luciCertificate: null,
		listenPort: 17890,
		listenHost: null,
		udpBroadcast: [],
		udpOld: true,
		masterUrl: null,
		masterToken: null,
		masterCertificate: null,
		agentId: null,
		syncIntervalMs: 60_000,
		dataRetentionMs: 7 * day,
		queueLimitBytes: 16 * 1_048_576,
		queueAgeMs: 30 * day,
		stateDir: '/home/u/netmon-state',
		persistDir: null,
		localDatabase: '/home/u/netmon-state/queue.db',
		statusFile: '/home/u/netmon-state/status.json',
		commitIntervalMs: 5_000,
		flushIntervalMs: 300_000,
		flashBudgetBytes: 1_000_000,
		logLevel: 'info',
		logFormat: 'text',
		logConnections: true,
		view: 'auto',
		recordHosts: 'full',
		retryMihomo: retryProfiles.infinite,
		retryLuci: retryProfiles.infinite,
		retrySync: retryProfiles.infinite,
		timeoutMs: 10_000,
		router: null,
	});
	assert.deepEqual(run({ argv: ['agent'] }).warnings, []);
});

test('it asks the flag first, then the environment, then .env, then UCI, then the default', () => {
	const layers = {
		argv: ['--listen-port', '1'],
		env: { LISTEN_PORT: '2' },
		files: { [envFile]: 'LISTEN_PORT=3', [uciFile]: uci("listen_port '4'") },
	};
	const port = (given: object) => settingsOf({ argv: ['agent'], ...given }).listenPort;
	assert.equal(port(layers), 1);
	assert.equal(port({ ...layers, argv: ['agent'] }), 2);
	assert.equal(port({ files: layers.files }), 3);
	assert.equal(port({ files: { [uciFile]: layers.files[uciFile]! } }), 4);
	assert.equal(port({}), 17890);
});

test('it takes an empty value for one that is not set, in every layer', () => {
	const files = { [envFile]: 'LISTEN_PORT=\n', [uciFile]: uci("listen_port '4'") };
	assert.equal(settingsOf({ argv: ['--listen-port='], env: { LISTEN_PORT: '' }, files }).listenPort, 4);
	assert.equal(settingsOf({ argv: ['-p', ''], env: { LISTEN_PORT: '2' } }).listenPort, 2);
	assert.equal(settingsOf({ argv: ['--listen-port=', '--luci-url=http://r'] }).listenPort, 17890);
});

test('it reads the files that it is told of, and none of them', () => {
	const files = { '/home/u/a.env': 'LISTEN_PORT=1', '/x/uci': uci('interval 200'), [envFile]: 'LISTEN_PORT=9' };
	const told = settingsOf({ argv: ['--env-file', 'a.env', '--config', '/x/uci'], files });
	assert.deepEqual([told.listenPort, told.interval], [1, 200]);
	const none = settingsOf({
		argv: ['--env-file', 'none'],
		env: { NETMON_CONFIG: 'none' },
		files: { ...files, [uciFile]: '?' },
	});
	assert.deepEqual([none.listenPort, none.interval], [17890, 1000]);
});

test('it wants a file to be there that it is told of', () => {
	assert.equal(
		errorOf({ argv: ['--env-file', 'a.env'] }),
		'/home/u/a.env cannot be read: ENOENT; --env-file none leaves it out',
	);
	assert.match(errorOf({ argv: ['agent'], env: { NETMON_CONFIG: '/no' } }), /^\/no cannot be read: ENOENT/);
});

test('it says where a damaged file is damaged and quotes nothing of it', () => {
	assert.equal(
		errorOf({ argv: ['agent'], files: { [envFile]: 'A=1\nLUCI_PASSWORD=my secret\n' } }),
		'/home/u/.env cannot be read as a .env file: line 2 has a value with a blank in it: put it between quotes; --env-file none leaves it out',
	);
	assert.equal(
		errorOf({ argv: ['agent'], files: { [uciFile]: "config agent 'main'\n\tset x 'secret'\n" } }),
		'/etc/config/netmon is no UCI file: Parse error (invalid command) at line 2, byte 1',
	);
});

test('it names the setting, the place, the value and what is allowed', () => {
	const allowed = 'it takes a whole number from 0 to 65535';
	assert.equal(errorOf({ argv: ['-p', '70000'] }), `--listen-port (flag) is "70000"; ${allowed}`);
	assert.equal(
		errorOf({ argv: ['agent'], env: { LISTEN_PORT: '70000' } }),
		`--listen-port (LISTEN_PORT, environment) is "70000"; ${allowed}`,
	);
	assert.equal(
		errorOf({ argv: ['agent'], files: { [envFile]: 'LISTEN_PORT=x' } }),
		`--listen-port (LISTEN_PORT, .env /home/u/.env) is "x"; ${allowed}`,
	);
	assert.equal(
		errorOf({ argv: ['agent'], files: { [uciFile]: uci('listen_port -1') } }),
		`--listen-port (listen_port, UCI file /etc/config/netmon) is "-1"; ${allowed}`,
	);
	assert.match(
		errorOf({ argv: [`--interval=${'9'.repeat(500)}`] }),
		/is "9{80}\.\.\."; it takes auto, or a whole number from 100 to 60000 \(ms\)$/,
	);
});

test('it warns about options and sections of UCI that nobody reads, and not about those of the init script', () => {
	const text = `${uci('enabled 1', 'core auto', 'node /usr/bin/node', 'node_heap 48', 'nice 10', 'colour red', 'config x')}config netmon 'other'\n`;
	assert.deepEqual(run({ argv: ['agent'], files: { [uciFile]: text } }).warnings, [
		"/etc/config/netmon: the section config netmon 'other' is not read",
		'/etc/config/netmon: the option colour is not known and not read',
		'/etc/config/netmon: the option config is not known and not read',
	]);
	assert.deepEqual(run({ argv: ['agent'], files: { [uciFile]: '' } }).warnings, [
		"/etc/config/netmon has no section config agent 'main': nothing of it is read",
	]);
});

test('it reads the section main, or the first of its type', () => {
	const text = 'config agent\n\toption interval 200\nconfig agent main\n\toption interval 300\n';
	assert.equal(settingsOf({ argv: ['agent'], files: { [uciFile]: text } }).interval, 300);
	assert.equal(settingsOf({ argv: ['agent'], files: { [uciFile]: text.replace(' main', '') } }).interval, 200);
});

test('it reads lists from commas, from repeated flags and from UCI lists', () => {
	const names = (given: object) => settingsOf({ argv: ['agent'], ...given }).wanDevice;
	assert.deepEqual(names({ argv: ['--wan-device', 'wan, wanb', '--wan-device=ppp0,'] }), ['wan', 'wanb', 'ppp0']);
	assert.deepEqual(names({ env: { NETMON_WAN_DEVICE: 'wan,wanb' } }), ['wan', 'wanb']);
	const lists = `${uci()}\tlist wan_device wan\n\tlist wan_device ''\n\tlist wan_device wanb\n`;
	assert.deepEqual(names({ files: { [uciFile]: lists } }), ['wan', 'wanb']);
	assert.match(
		errorOf({ argv: ['--wan-device', 'a b'] }),
		/^--wan-device \(flag\) is "a b"; it takes none, or a list joined by commas, each part the name of a network device$/,
	);
});

test('it takes none for an empty list, against a list of a lower layer', () => {
	const files = { [uciFile]: `${uci()}\tlist udp_broadcast lan\n` };
	const { udpBroadcast } = settingsOf({ argv: ['agent'], files });
	assert.deepEqual(
		udpBroadcast.map(({ text }) => text),
		['lan'],
	);
	assert.deepEqual(settingsOf({ argv: ['--udp-broadcast=none'], files }).udpBroadcast, []);
	assert.match(errorOf({ argv: ['--udp-broadcast=none,lan:0'] }), /^--udp-broadcast/);
});

test('it makes paths absolute and derives what lies in the state folder', () => {
	const made = settingsOf({
		argv: ['--state-dir', '/var/run/netmon', '--persist-dir=keep', '--local-database', 'agent.db'],
	});
	assert.deepEqual(
		[made.stateDir, made.persistDir, made.localDatabase, made.statusFile],
		['/var/run/netmon', '/home/u/keep', '/home/u/agent.db', '/var/run/netmon/status.json'],
	);
});

test('it takes RUST_LOG where the level is not set, the most verbose directive', () => {
	const level = (env: Record<string, string>, files = {}) => settingsOf({ argv: ['agent'], env, files }).logLevel;
	assert.equal(level({ RUST_LOG: 'warn' }), 'warn');
	assert.equal(level({ RUST_LOG: 'warn,network_monitor=DEBUG' }), 'debug');
	assert.equal(level({ RUST_LOG: 'warn', NETMON_LOG_LEVEL: 'error' }), 'error');
	assert.equal(level({ RUST_LOG: 'nonsense' }), 'info');
	assert.equal(level({ RUST_LOG: '' }, { [envFile]: 'RUST_LOG=off' }), 'error');
	assert.equal(level({ RUST_LOG: 'warn' }, { [envFile]: 'NETMON_LOG_LEVEL=debug' }), 'warn');
});

test('it runs the agent for flags alone, and for the variables of the old program', () => {
	assert.equal(call({ argv: ['-p', '1'] }).command, 'agent');
	assert.equal(call({ env: { CLASH_URL: 'ws://h:1' } }).command, 'agent');
	assert.equal(call({ env: { LUCI_URL: 'http://r' } }).command, 'agent');
	assert.equal(call({ files: { [envFile]: 'CLASH_URL=ws://h:1' } }).command, 'agent');
	assert.equal(call({ env: { LISTEN_PORT: '1', CLASH_URL: '' } }).command, 'help');
	assert.equal(call({ files: { [uciFile]: uci('clash_url ws://h:1') } }).command, 'help');
	assert.equal(call({}).command, 'help');
});

test('it knows its words, in any place among the flags', () => {
	const commandOf = (...argv: string[]) => call({ argv }).command;
	assert.deepEqual(
		[commandOf('agent'), commandOf('-p', '1', 'doctor'), commandOf('status'), commandOf('help'), commandOf('version')],
		['agent', 'doctor', 'status', 'help', 'version'],
	);
	assert.deepEqual(
		[commandOf('-h'), commandOf('agent', '--help', '--nonsense'), commandOf('-V')],
		['help', 'help', 'version'],
	);
	assert.deepEqual([run({ argv: ['status', '--json'] }).json, run({ argv: ['--json', 'status'] }).json], [true, true]);
	assert.equal(run({ argv: ['status'] }).json, false);
});

test('it takes a place for watch, and nothing else', () => {
	assert.deepEqual(call({ argv: ['watch'] }), { command: 'watch', server: null });
	const server = (place: string) => {
		const made = call({ argv: ['watch', place] });
		return 'server' in made ? made.server : made;
	};
	assert.deepEqual(server('router'), { host: 'router', port: 17890 });
	assert.deepEqual(server('192.168.1.1:1234'), { host: '192.168.1.1', port: 1234 });
	assert.deepEqual(server('[fe80::1]:1234'), { host: 'fe80::1', port: 1234 });
	assert.deepEqual(server('fe80::1'), { host: 'fe80::1', port: 17890 });
	for (const argv of [['a b'], ['h:0'], ['h:65536'], ['h', 'i'], ['-p', '1'], ['http://h']])
		errorOf({ argv: ['watch', ...argv] });
});

test('it refuses words that it does not know', () => {
	assert.match(errorOf({ argv: ['agnet'] }), /^"agnet" is no command of netmon/);
	assert.equal(
		errorOf({ argv: ['master', '--listen-port', '9091'] }),
		'the master is a program of its own: netmon-master',
	);
	assert.match(errorOf({ argv: ['agent', 'now'] }), /^netmon agent takes flags and no further words/);
	assert.match(errorOf({ argv: ['agent', '--json'] }), /^--json belongs to netmon status/);
});

test('it joins the controller from its parts, which win over the URL when the host is given', () => {
	const clash = (...argv: string[]) => {
		const { host, port, token, url, basePath } = settingsOf({ argv: ['agent', ...argv] }).clash;
		return { host, port, token, url, basePath };
	};
	assert.deepEqual(clash('--mihomo-host', '10.0.0.1', '-c', 'ws://h:1/x?token=no'), {
		host: '10.0.0.1',
		port: 9090,
		token: null,
		url: 'ws://10.0.0.1:9090',
		basePath: '',
	});
	assert.equal(clash('--mihomo-host', '[::1]', '--mihomo-port=1', '--mihomo-token', 't').url, 'ws://[::1]:1');
	assert.deepEqual([clash('--mihomo-port=1').host, clash('--mihomo-port=1').port], ['127.0.0.1', 1]);
	assert.deepEqual(
		[clash('-c', 'ws://h:2?token=a', '--mihomo-token=b').token, clash('--mihomo-token=b').token],
		['b', 'b'],
	);
	const both = run({ argv: ['-c', 'ws://h:2', '--mihomo-port=1'] });
	assert.equal(both.settings.clash.port, 2);
	assert.deepEqual(both.warnings, ['--mihomo-port is not used: --clash-url is set and --mihomo-host is not']);
});

test('it refuses LuCI as the only source without an address, wherever it was asked for', () => {
	const sentence = /^--wan-source luci needs --luci-url \(LUCI_URL\)/;
	assert.match(errorOf({ argv: ['--wan-source', 'luci'] }), sentence);
	assert.match(errorOf({ argv: ['doctor'], env: { NETMON_WAN_SOURCE: 'luci' } }), sentence);
	assert.equal(run({ argv: ['--wan-source', 'luci', '--luci-url', 'http://192.168.1.1'] }).settings.wanSource, 'luci');
});
