// Every setting of `netmon-master`: the only place that names them. Flags, variables, UCI options, help, docs and
// validation come from this table.
import { logLevels } from '../system/log.ts';
import * as kind from './kind.ts';
import { mostVerbose } from './logdirective.ts';
import * as place from './place.ts';
import { group } from './setting.ts';

const dayMs = 24 * 60 * 60 * 1000;

const store = group('What is kept');
const own = group('Collecting by itself, as agent local');
const access = group('Who may ask');
const output = group('Log');
const origin = group('Where settings are read from');

const days = kind.integer({ min: 1, max: 36_500, unit: 'days', times: dayMs, name: 'DAYS' });

/** Where the store is: a file of this machine. */
const database: kind.Kind<string> = {
	name: 'PATH',
	allowed: 'the path of a file (clickhouse:// is not supported yet)',
	// A URL may hold a password.
	show: (text) => text.replace(/^([a-z]+:\/\/).*$/is, '$1***'),
	parse: (text) => (/^[a-z]+:\/\//i.test(text) ? undefined : kind.path.parse(text)),
};

/** A name that `Host:` may have, without a port. */
const hostName: kind.Kind<string> = {
	name: 'HOST',
	allowed: 'a host name or an address, without scheme and port',
	parse: (text) => (/^[A-Za-z0-9_.:[\]-]{1,253}$/.test(text) ? text.toLowerCase().replace(/^\[|\]$/g, '') : undefined),
};

/** '' or `/path` without a slash at its end. */
const basePath: kind.Kind<string> = {
	name: 'PATH',
	allowed: 'a path that begins with /, of letters, digits, "-", "_", "." and "/"',
	parse: (text) => (/^(\/[\w.-]+)*\/?$/.test(text) && text.startsWith('/') ? text.replace(/\/$/, '') : undefined),
};

export const timezone: kind.Kind<string> = {
	name: 'ZONE',
	allowed: 'the name of a time zone ("Europe/Berlin", "UTC")',
	parse(text) {
		try {
			new Intl.DateTimeFormat('en', { timeZone: text });
			return text;
		} catch {
			return undefined;
		}
	},
};

export const masterTable = {
	database: store.setting(database, './master.db', { flag: 'database', help: "the store's file" }),
	retentionMs: store.setting(days, '90', {
		flag: 'retention-days',
		help: 'single connections are kept this long',
	}),
	retentionUsageMs: store.setting(days, '400', {
		flag: 'retention-usage-days',
		help: '5-minute rows are kept this long; hours for ever',
	}),
	timezone: store.optional(timezone, {
		flag: 'timezone',
		shownDefault: "the host's",
		help: 'whose days and months are meant where a request names no zone',
	}),
	listenHost: access.setting(kind.address, '127.0.0.1', {
		flag: 'listen-host',
		help: 'address to listen on; beyond loopback only with a token, or with --no-token',
	}),
	listenPort: access.setting(kind.integer({ min: 0, max: 65535, name: 'PORT' }), '9091', {
		flag: 'listen-port',
		help: 'and its port; 0: any that is free',
	}),
	apiToken: access.optional(kind.secret, {
		flag: 'api-token',
		secret: true,
		help: 'the token that old agents and scripts share',
	}),
	apiTokenFile: access.optional(kind.path, { flag: 'api-token-file', help: 'a file whose first line it is' }),
	allowHost: access.optional(kind.list(hostName), {
		flag: 'allow-host',
		shownDefault: 'any when a token is set, else loopback',
		help: 'the names under which browsers may reach this master',
	}),
	basePath: access.setting(basePath, '/', { flag: 'base-path', help: 'what a reverse proxy puts before /api' }),
	mihomoHost: own.optional(place.host, {
		flag: 'mihomo-host',
		help: "a core's controller: then the master collects too",
	}),
	mihomoPort: own.setting(kind.integer({ min: 1, max: 65535, name: 'PORT' }), '9090', {
		flag: 'mihomo-port',
		help: 'its port',
	}),
	mihomoToken: own.optional(kind.secret, { flag: 'mihomo-token', secret: true, help: 'its secret' }),
	mihomoTokenFile: own.optional(kind.path, { flag: 'mihomo-token-file', help: 'a file whose first line it is' }),
	logLevel: output.setting(kind.choice(...logLevels), 'info', {
		flag: 'log-level',
		otherVariable: { name: 'RUST_LOG', translate: mostVerbose },
		help: 'error, warn, info or debug',
	}),
	logFormat: output.setting(kind.choice('text', 'json'), 'text', { flag: 'log-format', help: 'text or json' }),
	config: origin.setting(kind.path, '/etc/config/netmon-master', {
		flag: 'config',
		shownDefault: '/etc/config/netmon-master, when there',
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

/** `config master 'main'` in UCI, where the init script reads a few options of its own. */
export const masterProgram = {
	table: masterTable,
	section: 'master',
	uciOnly: ['enabled', 'node', 'node_heap', 'nice'],
};
