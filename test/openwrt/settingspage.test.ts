import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { agentProgram, agentTable } from '../../src/settings/agent.ts';
import { type Setting, uciOptionOf } from '../../src/settings/setting.ts';

const folder = 'openwrt/luci-app-netmon/htdocs/luci-static/resources';
type Check = (value: string) => true | string;
interface Row {
	readonly name: string;
	readonly kind: string;
	readonly needs: { readonly check?: Check; readonly on?: string; readonly off?: string } & readonly string[];
}

/** Runs a module of LuCI's form with stand-ins for what it requires. */
function run(file: string, names: Readonly<Record<string, unknown>>, last = ''): unknown {
	const source = `${readFileSync(`${folder}/${file}`, 'utf8')}`.replace(/^return view/m, `${last}\nreturn view`);
	return new Function('_', ...Object.keys(names), source)((text: string) => text, ...Object.values(names));
}

if (!('format' in String.prototype)) {
	Object.defineProperty(String.prototype, 'format', {
		value(this: string) {
			return `${this}`;
		},
		configurable: true,
	});
}
const baseclass = { extend: (properties: object) => properties };
const check = run('netmon/check.js', { baseclass });
const rows = (
	run(
		'view/netmon/settings.js',
		{ check, form: {}, rpc: { declare() {} }, ui: {}, view: baseclass },
		'return options;',
	) as unknown[][]
).map(([, name, , , kind, needs = {}]) => ({ name, kind, needs }) as Row);

/** Not on the page: the terminal's, what the router decides, files of secrets, and the controller in parts. */
const leftOut = ['view', 'local_database', 'status_file', 'mihomo_host', 'mihomo_port'].concat([
	'mihomo_token_file',
	'luci_password_file',
	'master_token_file',
]);
const settings = new Map<string, Setting<unknown>>(
	Object.values(agentTable)
		.filter(({ early }) => !early)
		.map((setting) => [uciOptionOf(setting), setting as Setting<unknown>]),
);

test('it has every option of UCI on the settings page, and no other', () => {
	const all = [...settings.keys(), ...agentProgram.uciOnly].filter((name) => !leftOut.includes(name));
	assert.deepEqual(rows.map(({ name }) => name).sort(), all.sort());
});

const samples = [
	...[
		'0',
		'1',
		'-1',
		'16',
		'65',
		'99',
		'100',
		'300',
		'301',
		'3650',
		'3651',
		'60000',
		'60001',
		'65535',
		'65536',
		'86400',
		'86401',
	],
	...[
		'0.1',
		'0.09',
		'1.5',
		'1e3',
		'0x10',
		' 1',
		'1 ',
		'99999999999999999999',
		'auto',
		'none',
		'any',
		'full',
		'on',
		'off',
	],
	...[
		'ws://127.0.0.1:9090',
		'wss://core.example/connections?token=x',
		'http://[::1]:9090',
		'https://a.b/c',
		'unix:/run/core.sock',
	],
	...['ftp://x', 'http://', 'http://user:pass@host', '127.0.0.1:9090', 'ws:/x', 'http://a b'],
	...[
		'lan',
		'lan:17892',
		'old:lan',
		'br-lan',
		'192.168.1.255',
		'192.168.1.255:17000',
		'[ff02::1]:17892',
		'a/b',
		'lan:x',
	],
	...[
		'infinite',
		'fast',
		'5:100:5000',
		'0:100:5000',
		'5:100',
		'often',
		'AB'.repeat(32),
		Array(32).fill('ab').join(':'),
		'ab',
	],
	...['OpenWrt-3f2a', 'a b', 'x'.repeat(64), 'x'.repeat(65), 'eth1', 'pppoe-wan', 'a,b'],
];

for (const { name, kind, needs } of rows) {
	const setting = settings.get(name);
	if (!setting || kind === 'secret') continue;
	test(`it takes for ${name} on the page what the agent takes`, () => {
		if (kind === 'choice') {
			for (const choice of needs) assert.notEqual(setting.kind.parse(choice), undefined, choice);
		} else if (kind === 'flag') {
			assert.deepEqual([setting.kind.parse(needs.on!), setting.kind.parse(needs.off!)], [true, false]);
		} else if (needs.check && !name.endsWith('_dir')) {
			// The page shows a list's parts one by one.
			for (const sample of setting.kind.list ? samples.filter((one) => !/[\s,]/.test(one)) : samples) {
				const page: boolean = needs.check(sample) === true;
				const agent: boolean = setting.kind.parse(sample) !== undefined;
				// The page may let pass what the agent refuses with a sentence, but refuses nothing that it would take.
				assert.ok(page || !agent, `${name} ${JSON.stringify(sample)}: the page refuses what the agent takes`);
				if (/^[\d.-]+$/.test(sample) || sample === 'auto') assert.equal(page, agent, `${name} ${sample}`);
			}
		}
	});
}
