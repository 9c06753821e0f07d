// The same for the master: /etc/config/netmon-master made from a seed, put before its service, and judged.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readMasterSettings } from '../../src/masterconfig.ts';
import { parseUci } from '../../src/system/uci.ts';
import { randomFrom } from '../fakes/random.ts';
import type { Router, UciValue } from '../fakes/router.ts';
import { secret, startAndJudge, values } from './hostile.ts';

const names = (
	'enabled node node_heap nice database listen_host listen_port allow_host base_path retention_days timezone ' +
	'mihomo_host log_level TYPE LENGTH main IFS PATH HOME SERVICE RUN CONFIG __proto__ constructor 0 _'
).split(' ');
const decidedByTheService = ['enabled', 'node', 'node_heap', 'nice', 'database'];
const folders = [
	'/srv/netmon-master/m.db',
	'/srv/netmon-two/x.db',
	'/etc/m.db',
	'/m.db',
	'/srv/netmon/../netmon-a/m.db',
	'/',
];

/** Lays one hostile configuration on the router and starts the master's service. Throws with the seed in the message. */
export function startHostileMaster(router: Router, seed: number): 'started' | 'refused' | 'off' {
	const random = randomFrom(seed);
	const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
	const value = (): UciValue => (random() < 0.8 ? pick(values) : [pick(values), pick(values)]);
	const options: Record<string, UciValue> = {
		api_token: `${secret}${pick(values)}`,
		mihomo_token: secret,
		enabled: '1',
	};
	if (random() < 0.5) options.database = pick(folders);
	for (let count = Math.floor(random() * 5); count > 0; count -= 1) options[pick(names)] = value();
	router.service('stop', 'netmon-master');
	router.setUci('netmon-master', [
		{ type: 'master', name: 'main', options },
		{ type: pick(['master', 'x']), options: { database: '/not/this.one' } },
	]);
	const about = `seed ${seed}: ${JSON.stringify(options).slice(0, 600)}`;
	const end = startAndJudge(router, 'netmon-master', about);
	const on = ['1', 'on', 'true', 'yes', 'enabled'].includes(String(options.enabled));
	if (end === 'started') judgeRendered(router, options, about);
	// A disk that is not mounted is a warning: its mount starts the master.
	else assert.ok(end === 'refused' || !on, `it neither started nor said why; ${about}`);
	return end === 'silent' ? 'off' : end;
}

function judgeRendered(router: Router, options: Readonly<Record<string, UciValue>>, about: string): void {
	const path = router.path('var/run/netmon-master/config');
	const file = parseUci(readFileSync(path));
	assert.ok('sections' in file, `${'error' in file ? file.error : ''}; ${about}`);
	assert.deepEqual(
		file.sections.map(({ type }) => type),
		['master'],
		about,
	);
	for (const [name, value] of Object.entries(options)) {
		if (!decidedByTheService.includes(name))
			assert.deepEqual(file.sections[0]!.options.get(name), value, `${name}; ${about}`);
	}
	assert.equal(router.rights('var/run/netmon-master/config'), '0600 32768:32768');
	const read = readMasterSettings({ argv: ['--config', path], env: { NETMON_ENV_FILE: 'none' }, cwd: '/' });
	const said = read.command === 'error' ? read.text : read.command === 'master' ? read.warnings.join('\n') : '';
	assert.ok(!said.includes(secret), `a secret is in a sentence; ${about}`);
}
