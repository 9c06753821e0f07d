// Somebody else's receiver of webhooks: writes down what comes, and answers as it is told.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A status, or: never answers; cuts the line. */
export type Mood = number | 'freeze' | 'reset';

export interface Received {
	readonly path: string;
	readonly type: string | undefined;
	readonly body: { readonly id: string; readonly level: number; readonly text: string } & Readonly<
		Record<string, unknown>
	>;
}

export interface FakeWebhook {
	readonly url: string;
	readonly received: Received[];
	/** The most requests that were under way at once. */
	readonly mostAtOnce: number;
	mood: Mood;
}

export async function startWebhook(t: { after(run: () => unknown): void }): Promise<FakeWebhook> {
	let open = 0;
	const frozen: ServerResponse[] = [];
	const state = { url: '', received: [] as Received[], mostAtOnce: 0, mood: 200 as Mood };
	const server = createServer((request, response) => {
		state.mostAtOnce = Math.max(state.mostAtOnce, ++open);
		response.on('close', () => {
			open -= 1;
		});
		let text = '';
		request.on('data', (data) => {
			text += data;
		});
		request.on('end', () => {
			state.received.push({ path: request.url!, type: request.headers['content-type'], body: JSON.parse(text) });
			if (state.mood === 'freeze') frozen.push(response);
			else if (state.mood === 'reset') request.socket.destroy();
			else response.writeHead(state.mood, { Location: `${state.url}/elsewhere` }).end('done');
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	t.after(() => {
		for (const response of frozen) response.destroy();
		server.closeAllConnections();
		server.close();
	});
	return state;
}
