// A LuCI that shows one page of luci-app-netmon to a browser: its client is the small one of test/fakes/lucipage, or,
// when NETMON_LUCI names a checkout of LuCI, the real one with its bootstrap theme. ubus is answered by the test.
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

export type Ubus = (object: string, method: string, args: Readonly<Record<string, unknown>>) => unknown;

export interface LuciPageOptions {
	readonly ubus: Ubus;
	/** What `logread -e netmon` prints. */
	readonly log: string;
	readonly dark?: true;
}

const types: Readonly<Record<string, string>> = {
	'.js': 'application/javascript',
	'.css': 'text/css',
	'.svg': 'image/svg+xml',
	'.png': 'image/png',
};
const own = 'openwrt/luci-app-netmon/htdocs';
const checkout = process.env.NETMON_LUCI;
const client = checkout
	? [`${checkout}/modules/luci-base/htdocs`, `${checkout}/themes/luci-theme-bootstrap/htdocs`]
	: ['test/fakes/lucipage'];

/** Script policy as strict as the pages could meet: nothing inline but the page's own start, nothing from elsewhere. */
const policy = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'";

export class LuciPage {
	readonly #server: Server;
	readonly #options: LuciPageOptions;
	/** Objects and methods that were called. */
	readonly calls: string[] = [];

	constructor(options: LuciPageOptions) {
		this.#options = options;
		this.#server = createServer((request, response) => void this.#answer(request, response));
	}

	/** The page of a view is at `${url}/cgi-bin/luci/admin/services/netmon/VIEW`. */
	async start(): Promise<string> {
		await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	async stop(): Promise<void> {
		this.#server.closeAllConnections();
		await new Promise((resolve) => this.#server.close(resolve));
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const path = normalize(new URL(request.url ?? '/', 'http://x').pathname);
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk);
		const body = Buffer.concat(chunks).toString();
		const view = /^\/cgi-bin\/luci\/admin\/services\/netmon\/(\w+)$/.exec(path)?.[1];
		if (view) return send(response, 'text/html', this.#page(view));
		if (path.startsWith('/ubus')) return send(response, 'application/json', this.#ubus(body));
		if (path === '/cgi-bin/cgi-exec') return send(response, 'text/plain', this.#options.log);
		if (path === '/start.js') return send(response, types['.js']!, start);
		if (path === '/cgi-bin/luci/admin/menu') return send(response, 'application/json', '{"children":{}}');
		const file = [own, ...client].map((folder) => join(folder, path)).find((one) => existsSync(one));
		if (!file) return void response.writeHead(404).end();
		send(response, types[extname(file)] ?? 'text/plain', readFileSync(file));
	}

	#ubus(body: string): string {
		const requests = JSON.parse(body);
		const answer = ({ id, method, params }: { id: number; method: string; params: readonly unknown[] }) => {
			if (method === 'list') return { jsonrpc: '2.0', id, result: {} };
			const [, object, name, args] = params as [string, string, string, Record<string, unknown>];
			this.calls.push(`${object} ${name}`);
			const reply = object === 'session' ? { access: true } : this.#options.ubus(object, name, args);
			return { jsonrpc: '2.0', id, result: reply === undefined ? [4] : [0, reply] };
		};
		return JSON.stringify(Array.isArray(requests) ? requests.map(answer) : answer(requests));
	}

	#page(view: string): string {
		const env = {
			media: '/luci-static/bootstrap',
			resource: '/luci-static/resources',
			scriptname: '/cgi-bin/luci',
			pathinfo: `/admin/services/netmon/${view}`,
			documentroot: '/www',
			requestpath: ['admin', 'services', 'netmon', view],
			dispatchpath: ['admin', 'services', 'netmon', view],
			pollinterval: 5,
			ubuspath: '/ubus/',
			sessionid: '0123456789abcdef0123456789abcdef',
			token: '0123456789abcdef0123456789abcdef',
			nodespec: { readonly: false },
		};
		return `<!DOCTYPE html><html lang="en"${this.#options.dark ? ' data-darkmode="true"' : ''}><head>
<meta charset="utf-8"><meta name="viewport" content="initial-scale=1.0">
<meta http-equiv="Content-Security-Policy" content="${checkout ? "script-src 'self' 'unsafe-eval'" : `${policy}; script-src 'self' 'unsafe-eval'`}">
<link rel="stylesheet" href="/luci-static/bootstrap/cascade.css">
<link rel="stylesheet" href="/luci-static/bootstrap/mobile.css" media="only screen and (max-device-width: 854px)">
<script src="/luci-static/resources/cbi.js"></script></head>
<body class="lang_en" data-page="admin-services-netmon-${view}" data-view="netmon/${view}">
<header><a class="brand" href="/">OpenWrt</a><ul class="nav" id="topmenu"></ul><div id="indicators" class="pull-right"></div></header>
<div id="maincontent" class="container"><div id="tabmenu"></div><div id="view"></div></div>
<script src="/luci-static/resources/luci.js"></script>
<script src="/start.js" data-env='${JSON.stringify(env)}'></script>
</body></html>`;
	}
}

const start = `const L = window.L = new LuCI(JSON.parse(document.currentScript.dataset.env));
L.require('ui').then((ui) => ui.instantiateView(document.body.dataset.view));`;

function send(response: ServerResponse, type: string, body: string | Buffer): void {
	response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(body);
}
