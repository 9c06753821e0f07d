// UCI files that mean harm, or were typed in the dark: made from a seed, put before the service, and judged.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { readSettings } from '../../src/config.ts';
import { parseUci } from '../../src/system/uci.ts';
import { randomFrom } from '../fakes/random.ts';
import type { Router, UciSectionText, UciValue } from '../fakes/router.ts';

export const secret = 'S3CRET-that-nobody-may-see';
const names = (
	'enabled core node node_heap nice state_dir persist_dir status_file clash_url mihomo_host mihomo_port interval ' +
	'wan_source wan_device listen_port udp_broadcast master_url log_level log_connections record_hosts TYPE LENGTH ' +
	'main IFS PATH HOME __proto__ constructor 0 _'
).split(' ');
export const values = [
	'$(touch /pwned)',
	'`touch /pwned`',
	"'; touch /pwned; '",
	'"; touch /pwned; "',
	"'\\''",
	"''''",
	'\\',
	'$' + '{IFS}',
	'a\nconfig agent evil\n\toption x 1',
	"a'\n\toption clash_url 'ws://evil",
	'-n',
	'-e \\n',
	'%s%n%d',
	'*',
	'/*',
	'~',
	'~root',
	'!!',
	'#',
	' leading and trailing ',
	'\t',
	'# end',
	'/etc',
	'/',
	'..',
	'/var/run/netmon/../../../etc/netmon',
	'/etc/netmon',
	'/srv/netmon-two',
	'/srv/netmon/',
	'none',
	'auto',
	'url',
	'0',
	'1',
	'-20',
	'99999999999999999999',
	'0x10',
	'1e3',
	'ws://127.0.0.1:9090',
	'/usr/bin/node',
	'/bin/ash',
	'/dev/null',
	'中文 значение',
	'x'.repeat(70_000),
];
const decidedByTheService = ['enabled', 'core', 'node', 'node_heap', 'nice', 'state_dir', 'persist_dir', 'status_file'];
const ownedByRoot = ['etc/passwd', 'etc/group', 'usr/bin/node', 'lib/functions.sh', 'etc/config/dhcp'];

/** Lays one hostile configuration on the router and starts the service. Throws with the seed in the message. */
export function startHostile(router: Router, seed: number): 'started' | 'refused' | 'off' {
	const random = randomFrom(seed);
	const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
	const value = (): UciValue => (random() < 0.8 ? pick(values) : [pick(values), pick(values)]);
	const options: Record<string, UciValue> = { mihomo_token: `${secret}${pick(values)}` };
	for (let count = Math.floor(random() * 6); count > 0; count -= 1) options[pick(names)] = value();
	const other = (type: string, option: string, name = 'config'): UciSectionText => ({
		type,
		name,
		options: { [option]: value() },
	});

	router.service('stop');
	router.setUci('netmon', [
		{ type: 'agent', name: 'main', options },
		{ type: pick(['agent', 'x']), options: { clash_url: 'ws://not.this.one' } },
	]);
	router.setUci('firewall', [other('defaults', 'flow_offloading')]);
	router.setUci('dhcp', [
		other('host', 'name', 'one'),
		{ type: 'host', options: { name: pick(values), mac: value(), ip: value() } },
	]);
	router.setUci('nikki', [
		other('config', 'enabled'),
		{ type: 'mixin', name: 'mixin', options: { api_listen: value(), api_secret: value() } },
	]);
	router.setUci('openclash', [
		{ type: 'openclash', name: 'config', options: { cn_port: value(), dashboard_password: secret } },
	]);
	const about = `seed ${seed}: ${JSON.stringify(options).slice(0, 600)}`;
	const end = startAndJudge(router, 'netmon', about);
	const off = ['0', 'off', 'false', 'no', 'disabled'].includes(String(options.enabled));
	if (end === 'started') judgeRendered(router, options, about);
	else assert.ok(end === 'refused' || off, `it neither started nor said why; ${about}`);
	return end === 'silent' ? 'off' : end;
}

/** Starts a service: it shows no secret, runs no value and touches nothing of root's. `silent`: it did not say why. */
export function startAndJudge(router: Router, service: string, about: string): 'started' | 'refused' | 'silent' {
	const state = () => ownedByRoot.map((file) => `${router.rights(file)} ${readFileSync(router.path(file), 'latin1')}`);
	const before = state();
	router.records();
	const run = router.service('start', service);
	const records = router.records();
	const seen = [run.stdout, run.stderr, ...records.flat()].join('\n');
	assert.ok(!seen.includes(secret), `a secret is seen; ${about}\n${run.stderr}`);
	assert.ok(!existsSync(router.path('pwned')), `a value was run; ${about}`);
	assert.deepEqual(state(), before, about);
	assert.equal(router.rights('etc'), '0755 0:0', about);
	if (records.some((one) => one.join(' ') === 'procd started')) return 'started';
	const logs = records.filter(([kind]) => kind === 'log');
	const why = logs.some((one) => one.at(-1)!.startsWith('not started: ') || one.includes('daemon.err'));
	return why ? 'refused' : 'silent';
}

/** What the agent will read is what was written, and its own refusals name no secret. */
function judgeRendered(router: Router, options: Readonly<Record<string, UciValue>>, about: string): void {
	const path = router.path('var/run/netmon/config');
	const file = parseUci(readFileSync(path));
	assert.ok('sections' in file, `${'error' in file ? file.error : ''}; ${about}`);
	const agents = file.sections.filter(({ type }) => type === 'agent');
	assert.equal(agents.length, 1, about);
	for (const [name, value] of Object.entries(options)) {
		if (decidedByTheService.includes(name)) continue;
		assert.deepEqual(agents[0]!.options.get(name), value, `${name}; ${about}`);
	}
	assert.equal(router.rights('var/run/netmon/config'), '0600 32768:32768');
	const read = readSettings({ argv: ['agent', '--config', path], env: { NETMON_ENV_FILE: 'none' }, cwd: '/' });
	const said = read.command === 'error' ? read.text : read.command === 'agent' ? read.warnings.join('\n') : '';
	assert.ok(!said.includes(secret), `a secret is in a sentence; ${about}`);
}
