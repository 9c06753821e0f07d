// The texts of the view of now, in English and Chinese.
import type { Texts } from './texts.ts';

export const nowTexts = {
	// now
	'all agents': ['All agents', '所有代理端'],
	'agent to show': ['Agent to show', '要显示的代理端'],
	'last minutes': ['The last 5 minutes', '最近 5 分钟'],
	'now of old agents': [
		'Nobody here tells of now: old agents only sync. What they counted is in History.',
		'这里没有实时数据：旧版代理端只同步。已统计的数据见“历史”。',
	],
	'chart now': [
		'Speed of each class over the last 5 minutes; now {down} down and {up} up',
		'最近 5 分钟各类速度；当前下载 {down}，上传 {up}',
	],
	'open now': ['Open right now', '当前连接'],
	'open count': ['{count} open', '{count} 个连接'],
	'show all': ['Show all {count}', '显示全部 {count} 项'],
	'show most': ['Show {most} of {count}, the most active', '显示 {count} 项中最活跃的 {most} 项'],
	'show fewer': ['Show fewer', '收起'],
	'open none': ['No connection is moving anything', '没有正在传输的连接'],
	'open unknown': ['What is open is not known: no agent tells', '当前连接未知：没有代理端上报'],
	connection: ['Connection', '连接'],
	'of agents': ['{known} of {all} agents', '{all} 个代理端中的 {known} 个'],
	'of the WAN': ['{share} of the WAN', '占 WAN 的 {share}'],
	'of the core': ['{share} of the core', '占内核的 {share}'],
	'of all paths': ['{share} of all paths', '占全部路径 {share}'],
	'share of seconds': ['Shares are of the last {seconds} seconds', '占比为最近 {seconds} 秒'],
	'no name': ['(no name)', '（无名称）'],
	'wan unknown': ['no WAN counters', '没有 WAN 计数'],

	// agents
	agents: ['Agents', '代理端'],
	agent: ['Agent', '代理端'],
	'agents none': ['No agent has spoken to this master yet', '还没有代理端向此主控上报'],
	'agents none hint': ['Start one: netmon agent --master-url {url}', '启动一个：netmon agent --master-url {url}'],
	online: ['online', '在线'],
	stale: ['stale', '已过时'],
	silent: ['offline', '离线'],
	'no live figures': ['sends no live figures', '不发送实时数据'],
	'old agent': ['an old agent: it syncs, and says nothing of now', '旧版代理端：会同步，但不报告实时数据'],
	'backlog hint': ['Age of what it counted and the master has not taken yet', '代理端已统计、主控尚未收下的数据的时间'],
	healthy: ['all well', '一切正常'],
	'part down': ['{part} is down', '{part} 故障'],
	'last sync': ['Last sync', '上次同步'],
	backlog: ['Backlog', '积压'],
	'backlog none': ['up to date', '已同步'],
	'wan source': ['WAN source', 'WAN 来源'],
	connections: ['Connections', '连接'],
	health: ['Health', '健康'],
} as const satisfies Texts;
