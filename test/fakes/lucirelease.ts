// What each OpenWrt release's web interface has; from the tables of LuCI's history (sessions, endpoints, rights).

export interface LuciRelease {
	/** uhttpd-mod-ubus. */
	ubus: boolean;
	/** LuCI's own gateway, with a cookie only (the first 19.07) or without; false = none. */
	gateway: 'cookie' | 'open' | false;
	/** `sysauth` or, from 22.03 on, one for each scheme. */
	cookie: 'sysauth' | 'scheme';
	/** The token in the path. */
	stok: boolean;
	/** 403s tell that a login is wanted. */
	tellsLogin: boolean;
	/** `iface_status` and `bandwidth_status`. */
	lua: boolean;
	/** `acls.ubus` of root. */
	rights: { [object: string]: string[] };
	/** Where its answers were recorded. */
	recorded: 'http' | 'http-24.10';
}

const lua: LuciRelease = {
	ubus: false,
	gateway: false,
	cookie: 'sysauth',
	stok: false,
	tellsLogin: false,
	lua: true,
	rights: {},
	recorded: 'http-24.10',
};

const rpcd: LuciRelease = {
	...lua,
	ubus: true,
	gateway: 'open',
	tellsLogin: true,
	lua: false,
	rights: {
		luci: ['getFeatures', 'getRealtimeStats'],
		'luci-rpc': ['getBoardJSON', 'getNetworkDevices'],
		'network.interface': ['dump'],
		session: ['access', 'login'],
		uci: ['changes', 'get'],
	},
};

const ucode: LuciRelease = {
	...rpcd,
	cookie: 'scheme',
	rights: { ...rpcd.rights, luci: ['getFeatures', 'getVersion', 'getRealtimeStats'] },
};

export const releases = {
	'15.05': { ...lua, stok: true },
	'17.01': lua,
	'18.06': lua,
	'19.07': { ...rpcd, gateway: 'cookie' },
	'21.02': rpcd,
	'22.03': { ...rpcd, cookie: 'scheme' },
	'23.05': ucode,
	'24.10': ucode,
	'25.12': {
		...ucode,
		rights: {
			...ucode.rights,
			luci: ['getFeatures', 'getVersion', 'getUnixtime', 'getRealtimeStats'],
			'network.device': ['status'],
		},
		recorded: 'http',
	},
} satisfies { [release: string]: LuciRelease };
