"""What `gate register` says of its duties, in both languages."""

from __future__ import annotations

from compliance.cli.language import Message

UPLOADS_HELP = Message(
    "写出“其他微短剧”端口的上报名单：已审核、已编号、尚未入库的三类剧目。",
    "Write the upload list for the port 其他微短剧: tier-3 titles reviewed and numbered, but not in the register yet.",
)
RECONCILE_HELP = Message(
    "对账：已编号未上报、已上报未播出、先播后报，各多少天（总局令第16号第三十三条（二））。",
    "Reconcile: numbered but not reported, reported but not shown, shown before reported, for how many days"
    " (Order 16 art. 33(2)).",
)
ASSIGN_HELP = Message(
    "给三类剧目编本平台的号：按发证主体和年份取下一个序号，不重不漏。",
    "Give tier-3 titles the platform's next own numbers: no serial twice, none left out.",
)
STANDING_HELP = Message(
    "平台自身的许可与登记：编号、有效期、续办时间、材料。",
    "The platform's own licence and registration: numbers, validity, renewal, materials.",
)
DOSSIERS_HELP = Message(
    "存量剧目备案材料的九项是否齐全。", "Whether the nine items of legacy titles' dossiers are complete."
)
DOCTOR_HELP = Message(
    "为写错或查无的备案号推荐登记库中可能的行，供人核对。",
    "Suggest register rows that malformed or unregistered numbers may have meant, for a person to look at.",
)
OUT = Message("写到哪个文件（.csv、.xlsx）", "file to write (.csv or .xlsx)")
TITLES = Message("剧目", "titles")
PENDING = Message("全部已审核而无号的三类剧目", "all reviewed tier-3 titles without a number")
WHICH = Message("指定剧目，或用 --pending", "name titles, or give --pending, not both")
STANDING_FILE = Message(
    "平台自存的 TOML；默认用片库的 platforms", "TOML kept by the platform; default: the catalog's platforms"
)
FEED = Message("把结果写成片库的 platforms.parquet", "write the relation platforms.parquet of the catalog")
NEEDS_FILE = Message("--out 需要 --file", "--out needs --file")
LEFT_OUT = Message(
    "{n:,} 部没有制作机构，未列入：{titles}", "{n:,} titles have no producer and are not on the list: {titles}"
)
OFF_LIST = {
    "tier_1": Message(
        "{n:,} 部属一类，须取得许可，不得按“其他”上报，未列入：{titles}",
        "{n:,} titles are of tier 1, need a licence, and are not on the list: {titles}",
    ),
    "tier_2": Message(
        "{n:,} 部属二类，须向主管部门备案，不得按“其他”上报，未列入：{titles}",
        "{n:,} titles are of tier 2, are to be filed with the regulator, and are not on the list: {titles}",
    ),
    "tier_unknown": Message(
        "{n:,} 部类别无法判定，未列入；补全投资额等再导出：{titles}",
        "the tier of {n:,} titles cannot be derived, and they are not on the list; supply the investment and whatever"
        " else decides it: {titles}",
    ),
    "shared": Message(
        "{n:,} 部与其他名称的剧目共用一个编号，未列入；先查清编号属于哪一部：{titles}",
        "{n:,} titles share their number with a title of another name, and are not on the list; find out first whose it"
        " is: {titles}",
    ),
    "not_reviewed": Message(
        "{n:,} 部已编号但没有审核时间，未列入；先审核：{titles}",
        "{n:,} titles have a number but no review, and are not on the list; review them first: {titles}",
    ),
}
NO_EXTRACT = Message(
    "注意：登记库中还没有“其他”端口的数据，所有剧目都按未上报处理；如已上报过，先用 gate register import 导入",
    "ATTENTION: no extract of the port is held, so no title counts as reported; if any is, import an extract first:"
    " gate register import FILE --system other",
)
UNHELPED = Message("{n:,} 部的号码没有可推荐的：{titles}", "nothing resembles the numbers of {n:,} titles: {titles}")
NOTHING = Message("没有需要处理的", "nothing to do")
KINDS = {
    "numbered_not_reported": Message("已编号未上报", "numbered, not reported"),
    "reported_not_shown": Message("已上报未播出", "reported, not shown"),
    "shown_before_reported": Message("先播后报", "shown before reported"),
    "report_day_unknown": Message(
        "已播出、已上报，端口数据中没有上报时间和备案日期，是否先播后报无从得知",
        "shown and reported, but the port's extract tells no day: nobody can tell which came first",
    ),
}
WHY = {
    "unknown_title": Message("片库中没有可编号的这部剧", "the catalog has no such title to number"),
    "has_number": Message("已有备案号", "has a number"),
    "tier_unknown": Message("类别无法判定", "its tier is unknown"),
    "tier_1": Message("属一类，须取得许可", "is of tier 1: it needs a licence"),
    "tier_2": Message("属二类，须向主管部门备案", "is of tier 2: it is filed with the regulator"),
    "not_reviewed": Message("尚未审核", "is not reviewed yet"),
    "no_short_name": Message("平台没有简称", "its platform has no short name"),
    "platform_unqualified": Message(
        "平台自身没有有效的许可或登记", "its platform holds no valid licence or registration"
    ),
}
STATES = {
    "valid": Message("有效", "valid"),
    "ending": Message("即将到期", "ending soon"),
    "ended": Message("已到期", "ended"),
    "absent": Message("没有", "absent"),
    "malformed": Message("编号格式不对", "malformed"),
}
WHAT = {
    "av_licence": Message("视听许可证", "audiovisual licence"),
    "registration": Message("平台信息登记", "registration of the platform"),
}
PROBLEMS = {
    "blank": Message("空白", "blank"),
    "prefix_only": Message("只有前缀", "the words alone"),
    "look_alike": Message("其他登记的编号", "of another register"),
    "no_issuer": Message("缺少主体", "no issuer"),
    "no_year": Message("缺少年份", "no year"),
    "no_serial": Message("缺少序号", "no serial"),
    "wrong_issuer": Message("主体不能发此类证", "an issuer that cannot issue it"),
    "not_a_number": Message("不是备案号", "not a permit number"),
    "unregistered": Message("登记库查无此号", "not in the register"),
}
GAVE = Message("{title_id}  {number}", "{title_id}  {number}")
HAD = Message("{title_id}  {number}（早先已编）", "{title_id}  {number} (given before)")
REFUSES = Message("{title_id}  不编号：{why}", "{title_id}  no number: {why}")
RECORDED = Message("{n:,} 个编号已记入台账 {place}", "{n:,} number(s) recorded in the ledger {place}")
UNRECORDED = Message(
    "配置中没有台账（[ledger] 或 out）：编号只在登记库的数据库中",
    "the configuration names no ledger ([ledger] or out): the numbers stand in the register's database alone",
)
MISMATCH_HEADERS = tuple(
    Message(*pair)
    for pair in (("情形", "what"), ("备案号", "number"), ("剧目", "title"), ("名称", "name"), ("天数", "days"))
)
STANDING_HEADERS = tuple(
    Message(*pair)
    for pair in (
        ("平台", "platform"), ("事项", "what"), ("编号", "number"), ("有效至", "valid until"),
        ("剩余天数", "days left"), ("状态", "state"), ("续办", "act on"),
    )
)  # fmt: skip
DOCTOR_HEADERS = tuple(
    Message(*pair)
    for pair in (
        ("剧目", "title"), ("所填", "written"), ("问题", "problem"), ("可能是", "perhaps"), ("节目名称", "title name"),
        ("同名", "same title"), ("同制作机构", "same producer"),
    )
)  # fmt: skip
ITEMS = {
    "title_name": Message("节目名称", "title name"),
    "episode_duration_s": Message("单集时长", "length of an episode"),
    "episode_count": Message("集数", "number of episodes"),
    "producer": Message("制作机构", "producer"),
    "creators": Message("主创人员", "main creators"),
    "synopsis": Message("500字以上内容概要", "synopsis of 500 characters"),
    "review_opinion": Message("内容审核意见", "opinion of the content review"),
    "cost_breakdown": Message("成本配置比例情况", "shares of the cost"),
    "platform_commitment": Message("平台承诺书", "the platform's commitment"),
}
DUE = Message(
    "存量剧目 {due:,} 部须备案，其中 {complete:,} 部材料齐全",
    "{due:,} legacy titles are to be filed; the dossiers of {complete:,} are complete",
)
LACKING_HEADERS = (Message("剧目", "title"), Message("名称", "name"), Message("缺项", "lacks"))
MORE_LACKING = Message(
    "另有 {n:,} 部缺项；--json 或 --out 列出全部", "{n:,} more lack something; --json or --out lists them all"
)
ITEM_HEADERS = (Message("项目", "item"), Message("缺少的剧目数", "titles that lack it"))
