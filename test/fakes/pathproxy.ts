// A reverse proxy that puts a server under a path, as nginx does by `location /netmon/`; with `strip` the server sees
// its own paths, without it the whole ones.
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PathProxyOptions {
	/** `http://127.0.0.1:PORT` */
	readonly target: string;
	/** `/netmon` */
	readonly path: string;
	readonly strip: 'strip' | 'keep';
}

export class PathProxy {
	readonly #server: Server;
	/** What was asked for outside the path. */
	readonly strays: string[] = [];

	constructor({ target, path, strip }: PathProxyOptions) {
		this.#server = createServer((asked, answer) => {
			const url = asked.url ?? '';
			if (!url.startsWith(`${path}/`)) {
				this.strays.push(url);
				return void answer.writeHead(404).end();
			}
			const to = new URL(target);
			const forwarded = request(
				{
					...{ host: to.hostname, port: to.port, method: asked.method, headers: asked.headers },
					path: strip === 'strip' ? url.slice(path.length) : url,
				},
				(came) => {
					answer.writeHead(came.statusCode!, came.headers);
					came.pipe(answer);
				},
			);
			forwarded.on('error', () => answer.destroy());
			answer.on('close', () => forwarded.destroy());
			asked.pipe(forwarded);
		});
	}

	/** Resolves with `http://127.0.0.1:PORT`. */
	async start(): Promise<string> {
		await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	async stop(): Promise<void> {
		this.#server.closeAllConnections();
		await new Promise((resolve) => this.#server.close(resolve));
	}
}
