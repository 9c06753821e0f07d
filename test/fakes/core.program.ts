// The simulated core as a program, for `make demo` and the bench. Prints {"port":N} when it listens, its truth as a
// line of JSON on SIGUSR2, and ends on SIGTERM. Numbers are those of SimulationOptions.
import { parseArgs } from 'node:util';
import { FakeCore, type Listen } from './core.ts';
import { type Dialect, versions } from './dialect.ts';
import { Simulation } from './simulation.ts';

const text = { type: 'string' } as const;
const flags = parseArgs({
	options: {
		seed: { ...text, default: '1' },
		connections: { ...text, default: '300' },
		churn: { ...text, default: '5' },
		shorts: { ...text, default: '2' },
		growing: { ...text, default: '0.3' },
		/** Bytes a second of all together. */
		rate: { ...text, default: '2000000' },
		udp: { ...text, default: '1' },
		interleave: { ...text, default: '0.5' },
		/** ms between two steps of the traffic. */
		step: { ...text, default: '250' },
		port: { ...text, default: '0' },
		host: { ...text, default: '127.0.0.1' },
		/** Path of a unix socket, instead of a port. */
		unix: text,
		tls: { type: 'boolean', default: false },
		secret: { ...text, default: '' },
		dialect: { ...text, default: 'mihomo' },
	},
}).values;

function number(
	name: 'seed' | 'connections' | 'churn' | 'shorts' | 'growing' | 'rate' | 'udp' | 'interleave' | 'step' | 'port',
) {
	const value = Number(flags[name]);
	if (!(value >= 0)) throw new Error(`--${name} takes a number`);
	return value;
}

const simulation = new Simulation({
	seed: number('seed'),
	connections: number('connections'),
	churn: number('churn'),
	shorts: number('shorts'),
	growing: number('growing'),
	rate: number('rate'),
	udp: number('udp'),
	interleave: number('interleave'),
	startWall: Date.now(),
});
const dialect = Object.keys(versions).find((name): name is Dialect => name === flags.dialect);
if (!dialect) throw new Error(`--dialect is one of ${Object.keys(versions).join(', ')}`);
const listen: Listen = flags.unix
	? { kind: 'unix', path: flags.unix }
	: { kind: flags.tls ? 'tls' : 'tcp', host: flags.host!, port: number('port') };
const core = new FakeCore({
	simulation,
	listen,
	stepMs: number('step'),
	secret: flags.secret!,
	dialect,
});

function say(value: unknown): void {
	process.stdout.write(`${JSON.stringify(value)}\n`);
}

process.on('SIGUSR2', () => say({ now: simulation.now, listed: simulation.listed, runs: simulation.truth() }));
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void core.stop());

core.start().then(
	() => say(flags.unix ? { unix: flags.unix } : { port: core.port }),
	(error: Error) => {
		process.stderr.write(`the simulated core cannot listen: ${error.message}\n`);
		process.exitCode = 1;
	},
);
