import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { agentTable } from '../../src/settings/agent.ts';
import { helpText, shownDefault } from '../../src/settings/help.ts';
import { type Setting, uciOptionOf, variableOf } from '../../src/settings/setting.ts';
import { call, settingsOf } from './calls.ts';

const page = 'docs/settings.md';
const begin =
	'<!-- the table: made from src/settings/agent.ts; NETMON_WRITE_DOCS=1 make test-fast format writes it anew -->\n';
const end = '<!-- the table ends -->\n';
const rows: readonly Setting<unknown>[] = Object.values(agentTable);

function cell(text: string): string {
	return text.replaceAll('|', '\\|');
}

function row(setting: Setting<unknown>): string {
	const { flag, short, help, kind, otherVariable, early } = setting;
	const variables = [variableOf(setting), ...(otherVariable ? [otherVariable.name] : [])].map((name) => `\`${name}\``);
	const cells = [
		`\`${short ? `-${short}, ` : ''}--${flag}\``,
		variables.join(', else '),
		early ? '' : `\`${uciOptionOf(setting)}\``,
		shownDefault(setting) ?? 'none',
		help,
		kind.allowed,
	];
	return `| ${cells.map(cell).join(' | ')} |`;
}

function table(): string {
	const groups = [...new Set(rows.map(({ group }) => group))];
	const head = '| flag | variable | UCI | default | meaning | it takes |\n|---|---|---|---|---|---|\n';
	return groups
		.map((name) => {
			const own = rows.filter(({ group }) => group === name);
			return `### ${name}\n${head}${own.map(row).join('\n')}\n`;
		})
		.join('\n');
}

/** The formatter pads tables. */
function unpadded(text: string): string {
	return text
		.replace(/ +/g, ' ')
		.replace(/ ?-{3,} ?/g, '---')
		.replace(/\n+/g, '\n');
}

test('it has the page that the table makes', () => {
	const text = readFileSync(page, 'utf8');
	const [before, rest] = text.split(begin) as [string, string];
	const [now, after] = rest.split(end) as [string, string];
	if (process.env.NETMON_WRITE_DOCS) writeFileSync(page, `${before}${begin}${table()}${end}${after}`);
	else assert.equal(unpadded(now), unpadded(table()));
});

test('it names each flag, letter and variable once', () => {
	for (const names of [
		rows.map(({ flag }) => flag),
		rows.flatMap(({ short }) => (short ? [short] : [])),
		rows.flatMap((setting) => [variableOf(setting), ...(setting.otherVariable ? [setting.otherVariable.name] : [])]),
	]) {
		assert.deepEqual(
			names.filter((name, index) => names.indexOf(name) !== index),
			[],
		);
	}
});

test('it has defaults that its own kinds take', () => {
	for (const { flag, fallback, kind } of rows) {
		if (fallback !== null) assert.notEqual(kind.parse(fallback), undefined, flag);
	}
});

test('it keeps every name of the settings page', () => {
	// Names and defaults as the old programs' users and the page of settings have them.
	const expected: readonly (readonly [name: string, variable: string, standard: string | null])[] = [
		['-c, --clash-url', 'CLASH_URL', 'ws://127.0.0.1:9090/connections'],
		['--mihomo-host', 'NETMON_MIHOMO_HOST', null],
		['--mihomo-port', 'NETMON_MIHOMO_PORT', '9090'],
		['--mihomo-token', 'NETMON_MIHOMO_TOKEN', null],
		['--mihomo-token-file', 'NETMON_MIHOMO_TOKEN_FILE', null],
		['--interval', 'NETMON_INTERVAL', '1000'],
		['-p, --listen-port', 'LISTEN_PORT', '17890'],
		['--listen-host', 'NETMON_LISTEN_HOST', 'every interface'],
		['--udp-broadcast', 'NETMON_UDP_BROADCAST', 'none'],
		['--wan-source', 'NETMON_WAN_SOURCE', 'auto'],
		['--wan-device', 'NETMON_WAN_DEVICE', 'found'],
		['-l, --luci-url', 'LUCI_URL', null],
		['-u, --luci-username', 'LUCI_USERNAME', 'root'],
		['-P, --luci-password', 'LUCI_PASSWORD', null],
		['--luci-password-file', 'NETMON_LUCI_PASSWORD_FILE', null],
		['--luci-certificate', 'NETMON_LUCI_CERTIFICATE', 'system CAs'],
		['--master-url', 'NETMON_MASTER_URL', null],
		['--master-token', 'NETMON_MASTER_TOKEN', null],
		['--master-token-file', 'NETMON_MASTER_TOKEN_FILE', null],
		['--agent-id', 'NETMON_AGENT_ID', 'host name and 4 hex digits of the MAC'],
		['--sync-interval', 'NETMON_SYNC_INTERVAL', '60'],
		['--local-database', 'NETMON_LOCAL_DATABASE', 'STATE_DIR/queue.db'],
		['--data-retention-days', 'NETMON_DATA_RETENTION_DAYS', '7'],
		['--queue-limit', 'NETMON_QUEUE_LIMIT', '16'],
		['--queue-age-days', 'NETMON_QUEUE_AGE_DAYS', '30'],
		['--state-dir', 'NETMON_STATE_DIR', './netmon-state'],
		['--persist-dir', 'NETMON_PERSIST_DIR', null],
		['--commit-interval', 'NETMON_COMMIT_INTERVAL', '5'],
		['--flush-interval', 'NETMON_FLUSH_INTERVAL', '300'],
		['--log-level', 'NETMON_LOG_LEVEL', 'info'],
		['--log-connections', 'NETMON_LOG_CONNECTIONS', 'on'],
		['--record-hosts', 'NETMON_RECORD_HOSTS', 'full'],
		['--clash-certificate', 'NETMON_CLASH_CERTIFICATE', 'system CAs'],
		['--master-certificate', 'NETMON_MASTER_CERTIFICATE', 'system CAs'],
		['--udp-old', 'NETMON_UDP_OLD', 'on'],
		['--flash-budget', 'NETMON_FLASH_BUDGET', '1'],
		['--log-format', 'NETMON_LOG_FORMAT', 'text'],
		['--retry-mihomo', 'NETMON_RETRY_MIHOMO', 'infinite'],
		['--retry-luci', 'NETMON_RETRY_LUCI', 'infinite'],
		['--retry-sync', 'NETMON_RETRY_SYNC', 'infinite'],
		['--timeout', 'NETMON_TIMEOUT', '10'],
		['--status-file', 'NETMON_STATUS_FILE', 'STATE_DIR/status.json'],
		['--view', 'NETMON_VIEW', 'auto'],
		['--config', 'NETMON_CONFIG', '/etc/config/netmon, when there'],
		['--env-file', 'NETMON_ENV_FILE', '.env, when there'],
	];
	const made = rows.map((setting) => {
		const { flag, short } = setting;
		return [`${short ? `-${short}, ` : ''}--${flag}`, variableOf(setting), shownDefault(setting)] as const;
	});
	const byName = ([a]: readonly [string, ...unknown[]], [b]: readonly [string, ...unknown[]]) => (a < b ? -1 : 1);
	assert.deepEqual([...made].sort(byName), [...expected].sort(byName));
});

test('it takes each setting from each of its names', () => {
	for (const setting of rows.filter(({ early, flag }) => !early && !flag.endsWith('-file'))) {
		const value = { 'mihomo-host': 'h', 'luci-url': 'http://h', 'master-url': 'http://h', 'listen-host': '::1' }[
			setting.flag
		];
		const texts = [value ?? 'any', 'off', 'none', '99', '200', 'ws://h', 'fast', 'json', 'debug'];
		const text = texts.find((one) => setting.kind.parse(one) !== undefined) ?? assert.fail(setting.flag);
		const files = { '/etc/config/netmon': `config agent 'main'\n\toption ${uciOptionOf(setting)} '${text}'\n` };
		const byFlag = settingsOf({ argv: [`--${setting.flag}`, text] });
		assert.deepEqual(settingsOf({ argv: ['agent'], env: { [variableOf(setting)]: text } }), byFlag, setting.flag);
		assert.deepEqual(settingsOf({ argv: ['agent'], files }), byFlag, setting.flag);
		assert.notDeepEqual(byFlag, settingsOf({ argv: ['agent'] }), setting.flag);
	}
});

test('it has a help of 100 columns that names every flag', () => {
	const made = call({ argv: ['--help'] });
	assert.ok(made.command === 'help' && made.text === helpText(agentTable));
	const lines = made.text.split('\n');
	assert.deepEqual(
		lines.filter((line) => line.length > 100 || line !== line.trimEnd()),
		[],
	);
	for (const { flag, variable } of rows) {
		assert.equal(lines.filter((line) => new RegExp(`^ {2}(-\\w, | {4})--${flag} `).test(line)).length, 1, flag);
		if (variable) assert.ok(made.text.includes(`[${variable}`), variable);
	}
});
