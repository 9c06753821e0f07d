// Every setting of `netmon agent`: the only place that names them. Flags, variables, UCI options, help, docs and
// validation come from this table.
import { logLevels } from '../system/log.ts';
import * as kind from './kind.ts';
import { mostVerbose } from './logdirective.ts';
import * as place from './place.ts';
import { group } from './setting.ts';

const secondMs = 1_000;
const dayMs = 24 * 60 * 60 * secondMs;

const core = group('The core (mihomo)');
const wan = group('The WAN');
const lan = group('Displays on the LAN (UDP)');
const master = group('The master');
const files = group('Files');
const output = group('Log and terminal');
const network = group('Failures');
const origin = group('Where settings are read from');

const port = kind.integer({ min: 1, max: 65535, name: 'PORT' });
const days = (min: number) => kind.integer({ min, max: 3650, unit: 'days', times: dayMs, name: 'DAYS' });
const seconds = (max: number) => kind.integer({ min: 1, max, unit: 'seconds', times: secondMs, name: 'SECONDS' });

export const agentTable = {
	clashUrl: core.setting(place.controller, 'ws://127.0.0.1:9090/connections', {
		flag: 'clash-url',
		short: 'c',
		variable: 'CLASH_URL',
		help: 'the controller: ws, wss, http, https or unix:/path; ?token=SECRET is sent as a header',
	}),
	mihomoHost: core.optional(place.host, {
		flag: 'mihomo-host',
		help: 'the controller in parts; wins over --clash-url',
	}),
	mihomoPort: core.optional(port, {
		flag: 'mihomo-port',
		shownDefault: '9090',
		help: "the controller's port beside --mihomo-host",
	}),
	mihomoToken: core.optional(kind.secret, {
		flag: 'mihomo-token',
		secret: true,
		help: "the controller's secret, beside --mihomo-host or --clash-url",
	}),
	mihomoTokenFile: core.optional(kind.path, { flag: 'mihomo-token-file', help: 'a file whose first line it is' }),
	clashCertificate: core.optional(place.certificate, {
		flag: 'clash-certificate',
		shownDefault: 'system CAs',
		help: "SHA-256 fingerprint of the controller's certificate, or any",
	}),
	interval: core.setting(kind.orWord('auto', kind.integer({ min: 100, max: 60_000, unit: 'ms', name: 'MS' })), '1000', {
		flag: 'interval',
		help: 'ms between two snapshots; auto: 250 to 2000, by what the frames cost',
	}),
	wanSource: wan.setting(kind.choice('auto', 'procfs', 'ubus', 'luci', 'none'), 'auto', {
		flag: 'wan-source',
		help: 'where the WAN counters come from; auto: the first that works',
	}),
	wanDevice: wan.optional(kind.list(kind.device), {
		flag: 'wan-device',
		shownDefault: 'found',
		help: 'the devices that are the WAN',
	}),
	luciUrl: wan.optional(place.endpoint, {
		flag: 'luci-url',
		short: 'l',
		variable: 'LUCI_URL',
		help: "LuCI's base URL, when netmon does not run on the router",
	}),
	luciUsername: wan.setting(kind.text, 'root', {
		flag: 'luci-username',
		short: 'u',
		variable: 'LUCI_USERNAME',
		help: "LuCI's user",
	}),
	luciPassword: wan.optional(kind.secret, {
		flag: 'luci-password',
		short: 'P',
		variable: 'LUCI_PASSWORD',
		secret: true,
		help: 'and password',
	}),
	luciPasswordFile: wan.optional(kind.path, { flag: 'luci-password-file', help: 'a file whose first line it is' }),
	luciCertificate: wan.optional(place.certificate, {
		flag: 'luci-certificate',
		shownDefault: 'system CAs',
		help: "SHA-256 fingerprint of the router's certificate, or any (warned about each hour)",
	}),
	listenPort: lan.setting(kind.integer({ min: 0, max: 65535, name: 'PORT' }), '17890', {
		flag: 'listen-port',
		short: 'p',
		variable: 'LISTEN_PORT',
		help: 'UDP port that displays register at; 0: no UDP server',
	}),
	listenHost: lan.optional(kind.address, {
		flag: 'listen-host',
		shownDefault: 'every interface',
		help: 'UDP address to bind',
	}),
	udpBroadcast: lan.setting(kind.list(place.broadcastTarget), 'none', {
		flag: 'udp-broadcast',
		help: 'an interface, lan or an address, each with :PORT (17892) if need be; old:TARGET for old displays',
	}),
	udpOld: lan.setting(kind.onOff, 'on', { flag: 'udp-old', help: 'serve displays of the old program' }),
	masterUrl: master.optional(place.endpoint, { flag: 'master-url', help: 'where to sync to; none: only store' }),
	masterToken: master.optional(kind.secret, { flag: 'master-token', secret: true, help: "the master's token" }),
	masterTokenFile: master.optional(kind.path, { flag: 'master-token-file', help: 'a file whose first line it is' }),
	masterCertificate: master.optional(place.certificate, {
		flag: 'master-certificate',
		shownDefault: 'system CAs',
		help: "SHA-256 fingerprint of the master's certificate, or any",
	}),
	agentId: master.optional(kind.agentId, {
		flag: 'agent-id',
		shownDefault: 'host name and 4 hex digits of the MAC',
		help: 'the name the master knows this agent by',
	}),
	syncIntervalMs: master.setting(seconds(86_400), '60', { flag: 'sync-interval', help: 'seconds between two syncs' }),
	dataRetentionMs: master.setting(days(0), '7', {
		flag: 'data-retention-days',
		help: 'acknowledged rows stay this long; 0: gone at once',
	}),
	queueLimitBytes: master.setting(
		kind.integer({ min: 1, max: 65_536, unit: 'MiB', times: 1024 * 1024, name: 'MIB' }),
		'16',
		{ flag: 'queue-limit', help: "MiB that the queue's file may take" },
	),
	queueAgeMs: master.setting(days(1), '30', { flag: 'queue-age-days', help: 'rows older than this are dropped' }),
	stateDir: files.setting(kind.path, './netmon-state', { flag: 'state-dir', help: 'the folder of the living files' }),
	persistDir: files.optional(kind.path, {
		flag: 'persist-dir',
		help: 'a folder on flash that outlives a reboot, where --state-dir does not',
	}),
	localDatabase: files.optional(kind.path, {
		flag: 'local-database',
		shownDefault: 'STATE_DIR/queue.db',
		help: "the queue's file",
	}),
	statusFile: files.optional(kind.path, {
		flag: 'status-file',
		shownDefault: 'STATE_DIR/status.json',
		help: 'what netmon status reads',
	}),
	commitIntervalMs: files.setting(seconds(3_600), '5', {
		flag: 'commit-interval',
		help: 'seconds between two writes to --state-dir',
	}),
	flushIntervalMs: files.setting(seconds(86_400), '300', {
		flag: 'flush-interval',
		help: 'seconds after which what waits goes to --persist-dir',
	}),
	flashBudgetBytes: files.setting(
		kind.decimal({ min: 0.1, max: 1_000, unit: 'MB', times: 1_000_000, name: 'MB' }),
		'1',
		{ flag: 'flash-budget', help: 'MB an hour that may go to --persist-dir' },
	),
	logLevel: output.setting(kind.choice(...logLevels), 'info', {
		flag: 'log-level',
		otherVariable: { name: 'RUST_LOG', translate: mostVerbose },
		help: 'error, warn, info or debug',
	}),
	logFormat: output.setting(kind.choice('text', 'json'), 'text', { flag: 'log-format', help: 'text or json' }),
	logConnections: output.setting(kind.onOff, 'on', { flag: 'log-connections', help: 'a line per connection' }),
	view: output.setting(kind.choice('auto', 'on', 'off'), 'auto', {
		flag: 'view',
		help: 'live speeds on stdout; auto: when it is a terminal',
	}),
	recordHosts: output.setting(kind.choice('full', 'domain', 'none'), 'full', {
		flag: 'record-hosts',
		help: 'what of host names is stored and sent',
	}),
	retryMihomo: network.setting(kind.retry, 'infinite', {
		flag: 'retry-mihomo',
		help: 'fast, default, slow, infinite or TRIES:MIN_MS:MAX_MS (0 tries: for ever)',
	}),
	retryLuci: network.setting(kind.retry, 'infinite', { flag: 'retry-luci', help: 'the same' }),
	retrySync: network.setting(kind.retry, 'infinite', { flag: 'retry-sync', help: 'the same' }),
	timeoutMs: network.setting(seconds(300), '10', { flag: 'timeout', help: 'seconds for one network operation' }),
	config: origin.setting(kind.path, '/etc/config/netmon', {
		flag: 'config',
		shownDefault: '/etc/config/netmon, when there',
		early: true,
		help: 'UCI file; none: read none',
	}),
	envFile: origin.setting(kind.path, '.env', {
		flag: 'env-file',
		shownDefault: '.env, when there',
		early: true,
		help: 'file of variables; none: read none',
	}),
};

/** `config agent 'main'` in UCI, where the init script reads a few options of its own. */
export const agentProgram = {
	table: agentTable,
	section: 'agent',
	uciOnly: ['enabled', 'core', 'node', 'node_heap', 'nice'],
};
