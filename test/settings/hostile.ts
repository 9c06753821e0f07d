// Damaged and hostile settings: what must hold whatever stands in the arguments and in the files.
import assert from 'node:assert/strict';
import { mutate } from '../fakes/random.ts';
import { call, envFile, type Given, uciFile } from './calls.ts';

/** Can be no name and no type in any of the files, so that damage cannot make a name of it that may be shown. */
const secret = 'hün ter§2';
const marks = ['hün', '§2'];

const secretsOnly: Given = {
	argv: ['agent'],
	files: {
		[envFile]: `# secrets\nLUCI_PASSWORD="${secret}"\nexport NETMON_MASTER_TOKEN='${secret}'\nNETMON_MIHOMO_TOKEN="a\n${secret}\n"\n`,
		[uciFile]: `config agent 'main'\n\toption luci_password '${secret}'\n\toption master_token "${secret}"\n\toption mihomo_token '${secret}'\n`,
		'/p': `${secret}\n`,
	},
	env: { NETMON_MASTER_TOKEN_FILE: '/p', CLASH_URL: `ws://h/connections?token=${secret}` },
};

const everything: Given = {
	argv: [
		'agent',
		'-p17890',
		'--udp-broadcast=lan',
		'--interval',
		'auto',
		'--',
		'x',
		'--luci-password=-',
		'-c',
		'unix:/x',
	],
	files: {
		[envFile]:
			'CLASH_URL=ws://127.0.0.1:9090/connections\nLISTEN_PORT = 17890 # port\nexport RUST_LOG="info,hyper=warn"\nA=\x24{B}$C\\$\n',
		[uciFile]:
			"\n# netmon\nconfig agent 'main'\n\toption enabled '1'\n\tlist wan_device wan; list wan_device \"wanb\"\n\toption retry_sync 0:1:2\n\toption clash_url unix:/x\\\n\nconfig x\n\toption y 'it'\\''s'\n",
	},
	env: { NETMON_UDP_OLD: 'off', RUST_LOG: 'trace', NETMON_TIMEOUT: '10' },
};

/** Makes `count` calls with damaged parts from a seed; throws an assertion that names the seed. */
export function attack(seed: number, count: number, random: () => number): void {
	for (let round = 0; round < count; round += 1) {
		const base = random() < 0.5 ? secretsOnly : everything;
		const given = damage(base, random);
		const what = () => `seed ${seed}, round ${round}: ${JSON.stringify(given)}`;
		try {
			const made = call(given);
			const texts = [
				...('text' in made && made.command === 'error' ? [made.text] : []),
				...('warnings' in made ? made.warnings : []),
			];
			for (const text of texts) {
				assert.ok(text.length < 500 && !text.includes('\n'), text);
				if (base === secretsOnly) assert.ok(!marks.some((mark) => text.includes(mark)), text);
			}
			assert.equal(Object.getOwnPropertyNames(Object.prototype).length, prototypeNames);
		} catch (error) {
			throw new Error(what(), { cause: error });
		}
	}
}

const prototypeNames = Object.getOwnPropertyNames(Object.prototype).length;

function damage(base: Given, random: () => number): Given {
	const hurt = (text: string | Uint8Array) => mutate(Buffer.from(text as string), random);
	const sometimes = <T>(value: T, change: (value: T) => T) => (random() < 0.5 ? change(value) : value);
	return {
		argv:
			base === secretsOnly
				? base.argv!
				: base.argv!.map((one) => sometimes(one, (text) => hurt(text).toString('utf8'))),
		env: Object.fromEntries(
			Object.entries(base.env!).map(([name, value]) => [
				name,
				base === secretsOnly ? value : sometimes(value, (text) => hurt(text).toString('utf8')),
			]),
		),
		files: Object.fromEntries(Object.entries(base.files!).map(([path, text]) => [path, sometimes(text, hurt)])),
	};
}
