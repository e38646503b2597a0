"""Names, producers and subjects that read like real ones. All are made up; any likeness is chance."""

from __future__ import annotations

from itertools import product

_HEADS = (
    "重生八零",
    "离婚后",
    "闪婚之后",
    "穿成炮灰",
    "隐退三年",
    "替嫁当天",
    "下山之后",
    "觉醒之日",
    "分手当晚",
    "归国那天",
    "失忆之后",
    "绑定系统后",
    "假死三年",
    "退婚现场",
    "高考前夜",
    "末世来临",
    "开局一把剑",
    "回到古代",
    "断亲之后",
    "中奖之后",
    "出狱那天",
    "直播翻车后",
    "雪夜归来",
    "大婚之日",
    "穿越七零",
    "认亲宴上",
    "相亲走错桌",
    "拆迁之后",
    "家宴风波",
    "灵气复苏",
)
_WHO = (
    "真千金",
    "战神",
    "前妻",
    "神医",
    "女将军",
    "龙王",
    "首富爷爷",
    "小师妹",
    "赘婿",
    "女总裁",
    "将门嫡女",
    "外卖小哥",
    "全能奶爸",
    "退伍老兵",
    "落魄少爷",
    "豪门长媳",
    "相府丫鬟",
    "村花",
    "保洁阿姨",
    "女帝",
    "实习医生",
    "老戏骨",
    "小厨娘",
    "绣娘",
    "县令夫人",
    "门卫大爷",
    "学霸",
    "账房先生",
    "鉴宝大师",
    "太子妃",
)
_TAILS = (
    "一路开挂",
    "惊艳全城",
    "被全家团宠",
    "不装了",
    "带娃归来",
    "不再忍让",
    "身份藏不住了",
    "震惊四座",
    "逆风翻盘",
    "靠美食发家",
    "名动京城",
    "勇闯职场",
    "横扫江湖",
    "她又拒绝了",
    "只想种田",
    "轻松拿捏",
    "富甲一方",
    "请多指教",
    "悔不当初",
    "继承百亿家产",
    "护我周全",
    "把日子过甜了",
    "真相大白",
    "摊牌了",
    "爱上对门",
    "重振家业",
    "智斗恶邻",
    "守护山河",
    "开店记",
    "无人能敌",
)
_SEQUELS = ("", "第二季")

NAMES: tuple[str, ...] = tuple(
    f"{head}{who}{tail}{sequel}" for sequel, head, tail, who in product(_SEQUELS, _HEADS, _TAILS, _WHO)
)
"""Every title's name is one of these; neighbours differ in who it is about."""

TRADITIONAL = dict(
    zip("离后战龙医将军开艳装归来门团宠爱亲闪银灵气断", "離後戰龍醫將軍開艷裝歸來門團寵愛親閃銀靈氣斷", strict=True)
)
"""Characters with one traditional form, which a register kept in traditional script would use."""
_TO_TRADITIONAL = {ord(simplified): traditional for simplified, traditional in TRADITIONAL.items()}


def _spaced(name: str) -> str:
    return f"{name[:2]} {name[2:]}　"


NAME_FORMS: tuple[tuple[str, ...], ...] = (
    NAMES,
    tuple(f"《{name}》" for name in NAMES),
    tuple(f"{name}！" for name in NAMES),
    tuple(name.translate(_TO_TRADITIONAL) for name in NAMES),
    tuple(_spaced(name) for name in NAMES),
)
"""The same names as people write them: all forms of one name are equal by name equality."""

PRODUCERS: tuple[str, ...] = tuple(
    f"{place}{word}{trade}有限公司"
    for place, word, trade in product(
        ("北京", "上海", "杭州", "西安", "长沙", "成都", "郑州", "横店", "厦门", "广州", "重庆", "青岛"),
        (
            "星河",
            "晴川",
            "麦浪",
            "知夏",
            "远山",
            "木棉",
            "听雨",
            "扬帆",
            "小满",
            "长风",
            "云栖",
            "南枝",
            "朝露",
            "拾光",
            "半亩",
            "千帆",
        ),
        ("影视文化", "文化传媒", "影业", "网络科技", "动漫"),
    )
)

SUBJECTS: tuple[str, ...] = (
    "", "都市", "古装", "乡村", "都市、爱情", "家庭，伦理", "悬疑", "科幻", "文旅,非遗", "青春、校园", "奇幻",
    "女性成长", "职场、都市", "年代", "美食、乡村", "民族风", "军事迷", "法治宣传", "历史，武侠",
)  # fmt: skip
"""None of these is a special subject: a word counts only if it *equals* one of the list."""

SPECIAL_SUBJECTS: tuple[str, ...] = (
    "公安", "司法", "都市、公安", "军事，爱情", "民族", "历史, 宗教 ", "外交", "悬疑、 司法", "国家安全", "统战",
    "政治",
)  # fmt: skip

UNNUMBERED = ("本故事纯属虚构", "第一集", "未成年人请在监护人指导下观看", "精彩继续", "片头曲")
"""What a frame shows when it shows no number."""

BLANKS = (None, "", " ", "　")

MALFORMED = (
    "网微剧备字",
    "（番茄）网微剧备字第847205号",
    "（红果）网微剧备字（2026）第号",
    "网微剧备字（2026）第20418号",
    "（七猫）网微剧备字（二〇二六）第31号",
    "无",
    "暂无",
    "N/A",
    "-",
    "备案办理中",
    "影剧备字〔2019〕第1188号",
    "影立合字（2013）第21号",
    "（京）网械平台备字（2020）第00031号",
    "文网游备字〔2017〕Ｍ-RPG 0457 号",
    "新出审字〔2018〕第2207号",
    "京ICP备2021034567号",
    "广播电视节目制作经营许可证（粤）字第03212号",
)
"""Numbers that nobody can read as one, wherever they stand."""

SYNOPSES: tuple[str, ...] = tuple(
    f"本剧讲述{who}{tail}的故事。" * 30 for who, tail in zip(_WHO[:8], _TAILS[:8], strict=True)
)
