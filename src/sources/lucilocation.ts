// Where a router's LuCI is: LUCI_URL in any form a user copies it in -> host, and the path in front of /ubus and
// /cgi-bin/luci (empty but behind a reverse proxy).

export class LuciLocation {
	readonly #origin: URL;
	readonly #prefix: string;

	private constructor(origin: URL, prefix: string) {
		this.#origin = origin;
		this.#prefix = prefix;
	}

	/** LUCI_URL: `192.168.1.1`, `http://[fd00::1]:8080`, any page of LuCI. A string is the sentence what is wrong. */
	static parse(text: string): LuciLocation | string {
		const trimmed = text.trim();
		let url: URL;
		try {
			url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`);
		} catch {
			return 'luci_url is not a URL: it should look like http://192.168.1.1 (an IPv6 address in brackets)';
		}
		if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'luci_url must begin with http:// or https://';
		if (url.username || url.password) {
			return 'luci_url must not hold a user name or password: luci_username and luci_password are for that';
		}
		const prefix = url.pathname
			.replace(/\/(cgi-bin\/luci|luci-static|ubus)(\/.*)?$/, '')
			.replace(/\/[^/]*\.html?$/, '')
			.replace(/\/+$/, '');
		return new LuciLocation(new URL(url.origin), prefix);
	}

	/** For sentences: `192.168.1.1:8080`. */
	get name(): string {
		return this.#origin.host;
	}

	get secure(): boolean {
		return this.#origin.protocol === 'https:';
	}

	/** `http://192.168.1.1:8080/`, without any page. */
	get base(): string {
		return `${this.#origin.origin}${this.#prefix}/`;
	}

	/** The URL of `path` (`/ubus`, `/cgi-bin/luci/...`). */
	at(path: string): URL {
		const url = new URL(this.#origin);
		url.pathname = this.#prefix + path;
		return url;
	}

	/** The same host by HTTPS on port 443, if `target` (a Location header) asks for just that; else null. */
	redirected(target: URL): LuciLocation | null {
		const same = target.hostname === this.#origin.hostname && target.port === '';
		if (this.secure || target.protocol !== 'https:' || !same) return null;
		return new LuciLocation(new URL(target.origin), this.#prefix);
	}
}
