// A router's UDP for namespace tests: the server and broadcasts with the machine's real interfaces, ten frames a
// second. Arguments: the WAN device, the LAN device, then targets. Prints a line when it runs.
import { Broadcaster } from '../../src/sinks/broadcast.ts';
import { UdpServer } from '../../src/sinks/udp.ts';
import { systemClock as clock, every } from '../../src/system/clock.ts';
import { Network } from '../../src/system/network.ts';
import { parseBroadcastTarget } from '../../src/system/target.ts';
import { someLive } from '../fakes/live.ts';

async function run([wan, lan, ...texts]: string[]) {
	const identity = { instance: 1, agent: 'router' };
	const network = new Network({ clock });
	const wanDevices = () => [wan!];
	const server = new UdpServer({ port: 17890, host: null, old: true, identity, network, wanDevices, clock });
	const targets = texts.map(parseBroadcastTarget).flatMap((target) => (typeof target === 'string' ? [] : [target]));
	const onProblem = (text: string) => console.error(text);
	const broadcaster = new Broadcaster({
		targets,
		identity,
		network,
		wanDevices,
		lanDevices: () => [lan!],
		clock,
		onProblem,
	});
	await server.start();
	await broadcaster.start();
	every(clock, 100, () => {
		server.send(someLive());
		broadcaster.send(someLive());
	});
	console.log('ready', ...broadcaster.counters().routes);
}

void run(process.argv.slice(2));
