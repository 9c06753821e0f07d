// A home behind the simulated core: devices, nodes and groups with the names people give them, and where the
// traffic goes. Pure data; names are of real kinds of hosts, addresses of documentation and private ranges.
import type { Class } from '../../src/record.ts';

export interface Proxy {
	readonly name: string;
	/** mihomo's: "Direct", "Shadowsocks", "Selector", ... */
	readonly type: string;
	/** For groups: what they hold; the first is what they use. */
	readonly all?: readonly string[];
	readonly dialer?: string;
}

export interface Destination {
	readonly host: string;
	readonly port: number;
	readonly network: 'tcp' | 'udp';
	/** Leaf first. */
	readonly chains: readonly string[];
	readonly rule: string;
	readonly payload: string;
	/** Of 100 connections, roughly how many go here. */
	readonly share: number;
	/** How much one connection moves, against another's. */
	readonly weight: number;
	/** Bytes sent for each byte received. */
	readonly upPerDown: number;
	readonly geo: string;
	/** With type Inner: the core's own. */
	readonly inner?: boolean;
}

export const hongKong = '🇭🇰 Hong Kong 01 <A&B>';
export const tokyo = '🇯🇵 Tokyo 02';
export const losAngeles = '🇺🇸 Los Angeles "Premium"';
export const chained = '⛓ via Hong Kong';
const auto = '♻️ Auto <fast>';
const select = '🌐 Select & Go';
const streaming = '📺 Streaming & Video';

export const proxies: readonly Proxy[] = [
	{ name: 'COMPATIBLE', type: 'Compatible' },
	{ name: 'DIRECT', type: 'Direct' },
	{ name: 'GLOBAL', type: 'Selector', all: ['DIRECT', 'REJECT', hongKong, tokyo, losAngeles, select] },
	{ name: 'PASS', type: 'Pass' },
	{ name: 'REJECT', type: 'Reject' },
	{ name: 'REJECT-DROP', type: 'RejectDrop' },
	{ name: auto, type: 'URLTest', all: [hongKong, tokyo] },
	{ name: chained, type: 'Socks5', dialer: hongKong },
	{ name: '🛑 广告 REJECT-ish', type: 'Reject' },
	{ name: '直连 WAN2', type: 'Direct' },
	{ name: hongKong, type: 'Shadowsocks' },
	{ name: tokyo, type: 'Trojan' },
	{ name: losAngeles, type: 'Vless' },
	{ name: select, type: 'Selector', all: [auto, hongKong, tokyo, losAngeles, chained, 'DIRECT'] },
	{ name: streaming, type: 'Selector', all: [losAngeles, auto] },
];

/** Leaf or group by name to mihomo's type: what `/proxies` tells. */
export const proxyTypes: Readonly<Record<string, string>> = Object.fromEntries(
	proxies.map(({ name, type }) => [name, type]),
);

/** The class of what a leaf of `type` carries. */
export function classOf(type: string | undefined): Class {
	if (type === 'Direct' || type === 'Compatible') return 'direct';
	return type === 'Reject' || type === 'RejectDrop' || type === 'Block' ? 'reject' : 'proxy';
}

/** Source addresses, the busy ones first. */
export const devices: readonly string[] = [
	'192.168.1.23',
	'192.168.1.42',
	'192.168.1.10',
	'192.168.1.77',
	'192.168.1.101',
	'192.168.1.130',
	'192.168.1.164',
	'192.168.1.201',
	'fd12:3456:789a::23',
];

const viaAuto = [hongKong, auto, select];
const viaStreaming = [losAngeles, streaming];
const viaTokyo = [tokyo, auto, select];

type Row = readonly [
	host: string,
	network: 'tcp' | 'udp',
	chains: readonly string[],
	rule: string,
	payload: string,
	share: number,
	weight: number,
	upPerDown: number,
	geo: string,
];

const direct = ['DIRECT'];
const rows: readonly Row[] = [
	['rr3---sn-i3b7knld.googlevideo.com', 'udp', viaStreaming, 'DomainSuffix', 'googlevideo.com', 5, 40, 0.02, 'us'],
	['rr5---sn-npoeene6.googlevideo.com', 'tcp', viaStreaming, 'DomainSuffix', 'googlevideo.com', 4, 30, 0.02, 'us'],
	['ipv4-c001-lax004-ix.1.oca.nflxvideo.net', 'tcp', viaStreaming, 'RuleSet', 'netflix', 3, 40, 0.015, 'us'],
	['video-weaver.hkg01.hls.ttvnw.net', 'tcp', viaAuto, 'DomainSuffix', 'ttvnw.net', 2, 20, 0.02, 'hk'],
	['upos-sz-mirrorcos.bilivideo.com', 'tcp', direct, 'DomainSuffix', 'bilivideo.com', 6, 35, 0.02, 'cn'],
	['v3-web.douyinvod.com', 'tcp', direct, 'GeoSite', 'cn', 5, 20, 0.025, 'cn'],
	['cachefile-steam.dl.example.cn', 'tcp', ['直连 WAN2'], 'DomainKeyword', 'steam', 2, 60, 0.01, 'cn'],
	['api.github.com', 'tcp', viaTokyo, 'DomainSuffix', 'github.com', 6, 2, 0.4, 'jp'],
	['objects.githubusercontent.com', 'tcp', viaTokyo, 'DomainSuffix', 'githubusercontent.com', 2, 15, 0.02, 'jp'],
	['chat.openai.example', 'tcp', [chained], 'DomainSuffix', 'openai.example', 4, 2, 0.5, 'us'],
	['mtalk.google.com', 'tcp', viaAuto, 'RuleSet', 'google', 6, 0.1, 0.8, 'us'],
	['www.google.com', 'udp', viaAuto, 'RuleSet', 'google', 8, 2, 0.2, 'us'],
	['edge-mqtt.facebook.com', 'tcp', viaTokyo, 'GeoSite', 'facebook', 4, 0.2, 0.9, 'us'],
	['szextshort.weixin.qq.com', 'tcp', direct, 'GeoSite', 'cn', 10, 1, 0.6, 'cn'],
	['gateway.icloud.com', 'tcp', direct, 'DomainSuffix', 'icloud.com', 7, 2, 2.5, 'us'],
	['17-courier.push.apple.com', 'tcp', direct, 'DomainSuffix', 'push.apple.com', 6, 0.05, 1, 'us'],
	['mqtt.iot.example.cn', 'tcp', direct, 'GeoIP', 'CN', 8, 0.05, 1.5, 'cn'],
	['turn.meeting.example.com', 'udp', direct, 'IPCIDR', '203.0.113.0/24', 2, 8, 0.9, 'sg'],
	['nas-backup.example.net', 'tcp', viaTokyo, 'Match', '', 1, 10, 20, 'jp'],
	['', 'udp', direct, 'Match', '', 3, 0.5, 1, 'cn'],
	['', 'tcp', viaAuto, 'Match', '', 5, 2, 0.3, 'de'],
];

/** The core's own downloads (type Inner, process "mihomo"). */
export const ownDownload: Destination = {
	host: 'rules.example.org',
	port: 443,
	network: 'tcp',
	chains: viaAuto,
	rule: '',
	payload: '',
	share: 0,
	weight: 5,
	upPerDown: 0.02,
	geo: 'us',
	inner: true,
};

/** TCP that REJECT takes: listed for an instant at most, with 0 bytes. */
export const blocked: Destination = {
	host: 'ads.example.com',
	port: 443,
	network: 'tcp',
	chains: ['🛑 广告 REJECT-ish'],
	rule: 'RuleSet',
	payload: 'ads',
	share: 0,
	weight: 0,
	upPerDown: 1,
	geo: 'us',
};

export const destinations: readonly Destination[] = rows.map(
	([host, network, chains, rule, payload, share, weight, upPerDown, geo]) => {
		return { host, port: 443, network, chains, rule, payload, share, weight, upPerDown, geo };
	},
);
