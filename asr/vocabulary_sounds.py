"""How near two Chinese characters sound, tones aside. In: characters. Out: their sounds (pinyin), costs from 0 to 1.

The first level of GB 2312 (3,755 characters) is ordered by sound, so the first character of each sound says all of
them; MORE adds second readings, names, digits. May not know: any vocabulary.
"""

from functools import cache, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

FIRSTS: Final = """
a啊 ai埃 an鞍 ang肮 ao凹 ba芭 bai白 ban斑 bang邦 bao苞 bei杯 ben奔 beng崩 bi逼 bian鞭 biao标 bie鳖 bin彬
bing兵 bo玻 bu捕 ca擦 cai猜 can餐 cang苍 cao操 ce厕 ceng层 cha插 chai拆 chan搀 chang昌 chao超 che车
chen郴 cheng撑 chi吃 chong充 chou抽 chu初 chuai揣 chuan川 chuang疮 chui吹 chun春 chuo戳 ci疵 cong聪
cou凑 cu粗 cuan蹿 cui摧 cun村 cuo磋 da搭 dai呆 dan耽 dang当 dao刀 de德 deng蹬 di堤 dian颠 diao碉 die跌
ding丁 diu丢 dong东 dou兜 du督 duan端 dui堆 dun墩 duo掇 e蛾 en恩 er而 fa发 fan藩 fang坊 fei菲 fen芬 feng丰
fo佛 fou否 fu夫 ga噶 gai该 gan干 gang冈 gao篙 ge哥 gei给 gen根 geng耕 gong工 gou钩 gu辜 gua刮 guai乖
guan棺 guang光 gui瑰 gun辊 guo锅 ha哈 hai骸 han酣 hang夯 hao壕 he呵 hei嘿 hen痕 heng哼 hong轰 hou喉 hu呼
hua花 huai槐 huan欢 huang荒 hui灰 hun荤 huo豁 ji击 jia嘉 jian歼 jiang僵 jiao蕉 jie揭 jin巾 jing荆
jiong炯 jiu揪 ju鞠 juan捐 jue撅 jun均 ka喀 kai开 kan刊 kang康 kao考 ke坷 ken肯 keng坑 kong空 kou抠 ku枯
kua夸 kuai块 kuan宽 kuang匡 kui亏 kun坤 kuo括 la垃 lai莱 lan蓝 lang琅 lao捞 le勒 lei雷 leng棱 li厘 lia俩
lian联 liang粮 liao撩 lie列 lin琳 ling玲 liu溜 long龙 lou楼 lu芦 lv驴 luan峦 lve掠 lun抡 luo萝 ma妈 mai埋
man瞒 mang芒 mao猫 me么 mei玫 men门 meng萌 mi眯 mian棉 miao苗 mie蔑 min民 ming明 miu谬 mo摸 mou谋 mu拇
na拿 nai氖 nan南 nang囊 nao挠 ne呢 nei馁 nen嫩 neng能 ni妮 nian蔫 niang娘 niao鸟 nie捏 nin您 ning柠 niu牛
nong脓 nu奴 nv女 nuan暖 nve虐 nuo挪 o哦 ou欧 pa啪 pai拍 pan攀 pang乓 pao抛 pei呸 pen喷 peng砰 pi坯 pian篇
piao飘 pie撇 pin拼 ping乒 po坡 pou剖 pu扑 qi期 qia掐 qian牵 qiang枪 qiao橇 qie切 qin钦 qing青 qiong琼
qiu秋 qu趋 quan圈 que缺 qun裙 ran然 rang瓤 rao饶 re惹 ren壬 reng扔 ri日 rong戎 rou揉 ru茹 ruan软 rui蕊
run闰 ruo若 sa撒 sai腮 san三 sang桑 sao搔 se瑟 sen森 seng僧 sha莎 shai筛 shan珊 shang墒 shao梢 she奢
shen砷 sheng声 shi师 shou收 shu蔬 shua刷 shuai摔 shuan栓 shuang霜 shui谁 shun吮 shuo说 si斯 song松
sou搜 su苏 suan酸 sui虽 sun孙 suo蓑 ta塌 tai胎 tan坍 tang汤 tao掏 te特 teng藤 ti梯 tian天 tiao挑 tie贴
ting厅 tong通 tou偷 tu凸 tuan湍 tui推 tun吞 tuo拖 wa挖 wai歪 wan豌 wang汪 wei威 wen瘟 weng嗡 wo挝 wu巫
xi昔 xia瞎 xian掀 xiang相 xiao萧 xie楔 xin薪 xing星 xiong兄 xiu休 xu墟 xuan轩 xue靴 xun勋 ya压 yan焉
yang殃 yao邀 ye椰 yi一 yin茵 ying英 yo哟 yong拥 you幽 yu迂 yuan鸳 yue曰 yun耘 za匝 zai栽 zan咱 zang赃
zao遭 ze责 zei贼 zen怎 zeng增 zha扎 zhai摘 zhan瞻 zhang樟 zhao招 zhe遮 zhen珍 zheng蒸 zhi芝 zhong中
zhou舟 zhu珠 zhua抓 zhuai拽 zhuan专 zhuang桩 zhui椎 zhun谆 zhuo捉 zi兹 zong鬃 zou邹 zu租 zuan钻 zui嘴
zun尊 zuo昨
"""
MORE: Final = """
还hai 长zhang 重chong 行hang 乐yue 调tiao 都dou 得dei 地de 的di 了le 着zhe 着zhao 会kuai 觉jiao 角jue
便pian 单shan 参shen 差chai 传chuan 传zhuan 弹tan 降xiang 藏cang 朝zhao 石dan 大dai 给ji 校jiao 率shuai
没mei 没mo 强jiang 曲qu 省xing 什shen 说shui 提di 系ji 血xie 转zhuan 卡qia 号hao 厦sha 削xue 畜chu 钥yue
曾ceng 似si 伺ci 匙shi 佛fu 勒lei 剥bao 泊po 卜bo 脯pu 嚼jue 桔ju 爪zhua 仔zai 茄jia 薄bao 背bei 奔ben
扁pian 宿xiu 露lou 熟shou 谁shui 色shai 宁ning 模mu 埋man 蒙meng 秘bi 那nei 这zhei 哪nei 呢ni 娜nuo 尿sui
区ou 券quan 任ren 塞se 散san 扇shan 盛cheng 属zhu 缩suo 拓ta 委wei 尾yi 吓he 纤qian 巷hang 解xie 约yao
殷yan 隐yin 应ying 脏zang 择zhai 粘nian 涨zhang 只zhi 种zhong 贾gu 夹ga 囤tun 溃hui 绿lu 论lun 六lu 落la
落lao 抹ma 屏bing 铺pu 奇ji 翘qiao 丧sang 厕ce 扫sao 杉sha 遂sui 挑tiao 吐tu 为wei 吁yu 咽ye 嘟du 钻zuan
作zuo 呃e 嗯en 幺yao 圳zhen 嘞lei 嗨hai 哎ai 呗bei 咱za 啰luo 嘀di 咨zi 玺xi 馨xin 怡yi 晖hui 媛yuan 婷ting
妍yan 萱xuan 雯wen 昊hao 烨ye 浣huan 倩qian 琪qi 璐lu 淼miao 鑫xin 囧jiong 零ling 〇ling 0ling 1yi
1yao 2er 2liang 3san 4si 5wu 6liu 7qi 8ba 9jiu
"""
_LEVEL_ONE: Final = bytes(byte for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF) for byte in (row, cell))
_PLANE: Final = 0x10000

UNLIKE: Final = 1.0
"""The cost of two characters that nobody mistakes for each other."""
_INITIALS: Final = ("zh", "ch", "sh", *"bpmfdtnlgkhjqxrzcsyw")
_ALIKE: Final = 0.25
"""Merged in some part of the country, or lost on an 8 kHz line."""
_CLOSE: Final = 0.4
_OTHER_READING: Final = 0.1
"""A second reading of either character has to be meant."""
_OTHER_TONE: Final = 0.02
"""Another character of the same sound: its tone may differ."""
_OTHER_INITIAL: Final = 0.6
_OTHER_FINAL: Final = 0.8
ALIKE_INITIALS: Final = frozenset(
    frozenset(pair) for pair in (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("f", "h"), ("r", "l"))
)
_CLOSE_INITIALS: Final = {
    frozenset(pair)
    for pair in (
        ("b", "p"),
        ("d", "t"),
        ("g", "k"),
        ("j", "q"),
        ("zh", "ch"),
        ("z", "c"),
        ("q", "x"),
        ("m", "n"),
        ("s", "x"),
    )
}
ALIKE_FINALS: Final = frozenset(
    frozenset(pair)
    for pair in (
        ("in", "ing"),
        ("en", "eng"),
        ("an", "ang"),
        ("ian", "iang"),
        ("uan", "uang"),
        ("o", "uo"),
        ("e", "uo"),
    )
)


def sounds_of(character: str) -> tuple[str, ...]:
    """Its readings without tones (`lv` for lü), the usual one first; () for what has none here."""
    return tuple(_SOUNDS[sound] for sound in _readings(ord(character)))


def costs_from(character: str) -> NDArray[np.float32]:
    """What it costs to hear each character (index: code point below 0x10000) in place of this one: 0 itself."""
    return _costs_from(character)


def cost(one: str, other: str) -> float:
    return float(_costs_from(one)[ord(other)]) if ord(other) < _PLANE else UNLIKE


@lru_cache(maxsize=512)  # 256 KB each
def _costs_from(character: str) -> NDArray[np.float32]:
    by_sound = np.full(len(_SOUNDS) + 1, UNLIKE, np.float32)  # the last: no sound known
    for place, sound in enumerate(_readings(ord(character))):
        meant = _OTHER_TONE + _OTHER_READING * (place > 0)
        costs_of_sounds = [min(UNLIKE, meant + _between(_SOUNDS[sound], other)) for other in _SOUNDS]
        np.minimum(by_sound[:-1], costs_of_sounds, out=by_sound[:-1])
    costs: NDArray[np.float32] = by_sound[_FIRST_READING]
    for code, others in _MORE_READINGS.items():
        costs[code] = min(costs[code], *(by_sound[other] + _OTHER_READING for other in others))
    if ord(character) < _PLANE:
        costs[ord(character)] = 0
    costs.flags.writeable = False
    return costs


def _readings(code: int) -> tuple[int, ...]:
    if code >= _PLANE or _FIRST_READING[code] == len(_SOUNDS):
        return ()
    return (int(_FIRST_READING[code]), *_MORE_READINGS.get(code, ()))


@cache
def _between(one: str, other: str) -> float:
    if one == other:
        return 0.0
    (initial, final), (other_initial, other_final) = initial_and_final(one), initial_and_final(other)
    total = _initial_cost(initial, other_initial) + _final_cost(final, other_final)
    return min(UNLIKE, total)


def _initial_cost(one: str, other: str) -> float:
    if one == other:
        return 0.0
    pair = frozenset((one, other))
    return _ALIKE if pair in ALIKE_INITIALS else _CLOSE if pair in _CLOSE_INITIALS else _OTHER_INITIAL


def _final_cost(one: str, other: str) -> float:
    if one == other:
        return 0.0
    return _ALIKE if frozenset((one, other)) in ALIKE_FINALS else _OTHER_FINAL


def initial_and_final(sound: str) -> tuple[str, str]:
    initial = next((one for one in _INITIALS if sound.startswith(one)), "")
    return initial, sound.removeprefix(initial)


def _pairs(listed: str) -> list[tuple[str, str]]:
    """(sound, character) of each entry, whichever stands first in it."""
    return [
        (
            "".join(one for one in entry if one.isascii() and one.isalpha()),
            next(one for one in entry if not ("a" <= one <= "z")),
        )
        for entry in listed.split()
    ]


def _first_readings(sounds: tuple[str, ...]) -> NDArray[np.uint16]:
    begins = {character: sounds.index(sound) for sound, character in _pairs(FIRSTS)}
    table = np.full(_PLANE, len(sounds), np.uint16)
    current = 0
    for character in _LEVEL_ONE.decode("gb2312", errors="ignore"):  # its last five cells are empty
        current = begins.get(character, current)
        table[ord(character)] = current
    for sound, character in _pairs(MORE):
        if table[ord(character)] == len(sounds):
            table[ord(character)] = sounds.index(sound)
    return table


def _more_readings(sounds: tuple[str, ...], first: NDArray[np.uint16]) -> dict[int, tuple[int, ...]]:
    """What MORE says beside the first reading."""
    found: dict[int, tuple[int, ...]] = {}
    for sound, character in _pairs(MORE):
        if (index := sounds.index(sound)) != first[ord(character)]:
            found[ord(character)] = (*found.get(ord(character), ()), index)
    return found


_SOUNDS: Final = tuple(dict.fromkeys(sound for sound, _ in (*_pairs(FIRSTS), *_pairs(MORE))))
_FIRST_READING: Final = _first_readings(_SOUNDS)
_MORE_READINGS: Final = _more_readings(_SOUNDS, _FIRST_READING)
