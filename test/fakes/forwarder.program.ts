// A proxy-like core on the router: `PORT TARGET_HOST TARGET_PORT CONTROLLER` takes TCP connections, opens its own to
// the target and copies; it tells mihomo's `/connections`, `/version` and `/proxies` about itself on the TCP port
// CONTROLLER. Counted as the core does: payload, after it was written on; the total is raised
// first, then the connection; the first bytes that come before the outgoing connection stands are not counted.
import { randomUUID } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { WebSocketServer } from 'ws';

const frameMs = 1000;
const uncountedMax = 4096;

interface Open {
	readonly id: string;
	readonly start: string;
	readonly from: string;
	readonly fromPort: string;
	upload: number;
	download: number;
}

const [port, targetHost, targetPort, controller] = process.argv.slice(2) as [string, string, string, string];
const open = new Set<Open>();
let uploadTotal = 0;
let downloadTotal = 0;

function forward(client: Socket): void {
	const entry: Open = {
		id: randomUUID(),
		start: new Date().toISOString(),
		from: client.remoteAddress?.replace('::ffff:', '') ?? '',
		fromPort: String(client.remotePort),
		upload: 0,
		download: 0,
	};
	open.add(entry);
	const server = connect({ host: targetHost, port: Number(targetPort), allowHalfOpen: true });
	let early = uncountedMax;
	server.once('connect', () => {
		early = 0;
	});
	copy(client, server, (bytes) => {
		const counted = bytes - Math.min(bytes, early);
		early = Math.max(0, early - bytes);
		uploadTotal += counted;
		entry.upload += counted;
	});
	copy(server, client, (bytes) => {
		downloadTotal += bytes;
		entry.download += bytes;
	});
	let closed = 0;
	for (const socket of [client, server]) {
		socket.on('error', () => {
			client.destroy();
			server.destroy();
		});
		socket.once('close', () => {
			closed += 1;
			if (closed === 2) open.delete(entry);
		});
	}
}

function copy(from: Socket, to: Socket, count: (bytes: number) => void): void {
	from.on('data', (bytes: Buffer) => {
		if (!to.write(bytes, () => count(bytes.length))) from.pause();
	});
	to.on('drain', () => from.resume());
	from.on('end', () => to.end());
}

function snapshot(): string {
	const walked = [...open];
	const totals = { downloadTotal, uploadTotal };
	const connections = walked.map(({ id, start, from, fromPort, upload, download }) => ({
		id,
		metadata: {
			network: 'tcp',
			type: 'Redir',
			sourceIP: from,
			sourcePort: fromPort,
			destinationIP: targetHost,
			destinationPort: targetPort,
			host: '',
		},
		upload,
		download,
		start,
		chains: ['DIRECT'],
		rule: 'Match',
		rulePayload: '',
	}));
	return `${JSON.stringify({ ...totals, connections: connections.length > 0 ? connections : null, memory: 0 })}\n`;
}

const answers: Record<string, unknown> = {
	'/version': { meta: true, version: 'a forwarder' },
	'/proxies': { proxies: { DIRECT: { type: 'Direct', id: randomUUID(), name: 'DIRECT' } } },
};
const http = createHttpServer((request, response) => {
	const answer = request.url === '/connections' ? snapshot() : JSON.stringify(answers[request.url ?? ''] ?? null);
	response.writeHead(answer === 'null' ? 404 : 200, { 'content-type': 'application/json' }).end(answer);
});
new WebSocketServer({ server: http, perMessageDeflate: false }).on('connection', (socket) => {
	socket.send(snapshot());
	const timer = setInterval(() => socket.send(snapshot()), frameMs);
	socket.once('close', () => clearInterval(timer));
	socket.on('error', () => socket.terminate());
});

const forwarder = createServer({ allowHalfOpen: true }, forward);
forwarder.listen(Number(port), () => {
	http.listen(Number(controller), () => console.log(`forwarding ${port}`));
});

// Whoever started this is gone.
process.stdin.on('end', () => process.exit()).resume();
