"""Small tables written by hand, for data that babel's copy of the CLDR lacks.

The regions are the UN's (M49, "Standard country or area codes for statistical use"), as the CLDR
extends them in its territory containment: Kosovo (XK) and Taiwan (TW) are its additions.
Territories without permanent inhabitants are omitted.
"""

from __future__ import annotations

_SUBREGION_MEMBERS: dict[str, str] = {
    "005": "AR BO BR CL CO EC FK GF GY PE PY SR UY VE",
    "011": "BF BJ CI CV GH GM GN GW LR ML MR NE NG SH SL SN TG",
    "013": "BZ CR GT HN MX NI PA SV",
    "014": "BI DJ ER ET KE KM MG MU MW MZ RE RW SC SO SS TZ UG YT ZM ZW",
    "015": "DZ EG EH LY MA SD TN",
    "017": "AO CD CF CG CM GA GQ ST TD",
    "018": "BW LS NA SZ ZA",
    "021": "BM CA GL PM US",
    "029": "AG AI AW BB BL BQ BS CU CW DM DO GD GP HT JM KN KY LC MF MQ MS PR SX TC TT VC VG VI",
    "030": "CN HK JP KP KR MN MO TW",
    "034": "AF BD BT IN IR LK MV NP PK",
    "035": "BN ID KH LA MM MY PH SG TH TL VN",
    "039": "AD AL BA ES GI GR HR IT ME MK MT PT RS SI SM VA XK",
    "053": "AU CC CX NF NZ",
    "054": "FJ NC PG SB VU",
    "057": "FM GU KI MH MP NR PW",
    "061": "AS CK NU PF PN TK TO TV WF WS",
    "143": "KG KZ TJ TM UZ",
    "145": "AE AM AZ BH CY GE IL IQ JO KW LB OM PS QA SA SY TR YE",
    "151": "BG BY CZ HU MD PL RO RU SK UA",
    "154": "AX DK EE FI FO GB GG IE IM IS JE LT LV NO SE SJ",
    "155": "AT BE CH DE FR LI LU MC NL",
}

SUBREGIONS: dict[str, str] = {
    territory: region
    for region, members in _SUBREGION_MEMBERS.items()
    for territory in members.split()
}
"""UN M49 subregion of each territory (ISO 3166-1 alpha-2 code → M49 code)."""

SEVERAL_OFFICIAL_LANGUAGES: frozenset[str] = frozenset(
    {
        "BF",  # constitution of 2024: French is a working language
        "ET",  # five federal working languages since 2020
        "IQ",  # Arabic and Kurdish
        "ML",  # constitution of 2023: French is a working language
        "NE",  # charter of 2025: Hausa national, French a working language
        "ZA",  # twelve official languages
    }
)
"""Territories where the CLDR lists one official language, but there are arguably more."""

_CAPITALS = """
AF:Asia/Kabul AL:Europe/Tirane AM:Asia/Yerevan AO:Africa/Luanda
AR:America/Argentina/Buenos_Aires AS:Pacific/Pago_Pago AT:Europe/Vienna
AX:Europe/Mariehamn AZ:Asia/Baku BA:Europe/Sarajevo BD:Asia/Dhaka BE:Europe/Brussels
BF:Africa/Ouagadougou BG:Europe/Sofia BJ:Africa/Porto-Novo BQ:America/Kralendijk
BS:America/Nassau BT:Asia/Thimphu BW:Africa/Gaborone BY:Europe/Minsk
CD:Africa/Kinshasa CF:Africa/Bangui CG:Africa/Brazzaville CL:America/Santiago
CO:America/Bogota CU:America/Havana CY:Asia/Nicosia CZ:Europe/Prague DE:Europe/Berlin
DK:Europe/Copenhagen DO:America/Santo_Domingo DZ:Africa/Algiers EE:Europe/Tallinn
EG:Africa/Cairo ER:Africa/Asmara ES:Europe/Madrid ET:Africa/Addis_Ababa
FI:Europe/Helsinki FK:Atlantic/Stanley FR:Europe/Paris GA:Africa/Libreville
GB:Europe/London GE:Asia/Tbilisi GF:America/Cayenne GH:Africa/Accra GL:America/Nuuk
GM:Africa/Banjul GN:Africa/Conakry GR:Europe/Athens GW:Africa/Bissau
HN:America/Tegucigalpa HR:Europe/Zagreb HT:America/Port-au-Prince HU:Europe/Budapest
IE:Europe/Dublin IQ:Asia/Baghdad IR:Asia/Tehran IS:Atlantic/Reykjavik IT:Europe/Rome
JO:Asia/Amman JP:Asia/Tokyo KE:Africa/Nairobi KG:Asia/Bishkek KH:Asia/Phnom_Penh
KP:Asia/Pyongyang KR:Asia/Seoul LA:Asia/Vientiane LB:Asia/Beirut LI:Europe/Vaduz
LR:Africa/Monrovia LS:Africa/Maseru LT:Europe/Vilnius LV:Europe/Riga LY:Africa/Tripoli
MD:Europe/Chisinau ME:Europe/Podgorica MF:America/Marigot MG:Indian/Antananarivo
MH:Pacific/Majuro MK:Europe/Skopje ML:Africa/Bamako MN:Asia/Ulaanbaatar
MR:Africa/Nouakchott MX:America/Mexico_City MY:Asia/Kuala_Lumpur MZ:Africa/Maputo
NA:Africa/Windhoek NC:Pacific/Noumea NE:Africa/Niamey NI:America/Managua
NL:Europe/Amsterdam NO:Europe/Oslo NP:Asia/Kathmandu OM:Asia/Muscat PE:America/Lima
PG:Pacific/Port_Moresby PH:Asia/Manila PL:Europe/Warsaw PT:Europe/Lisbon
PY:America/Asuncion RO:Europe/Bucharest RS:Europe/Belgrade RU:Europe/Moscow
RW:Africa/Kigali SA:Asia/Riyadh SD:Africa/Khartoum SE:Europe/Stockholm
SI:Europe/Ljubljana SJ:Arctic/Longyearbyen SK:Europe/Bratislava SL:Africa/Freetown
SN:Africa/Dakar SO:Africa/Mogadishu SR:America/Paramaribo SS:Africa/Juba
ST:Africa/Sao_Tome SY:Asia/Damascus TD:Africa/Ndjamena TG:Africa/Lome TH:Asia/Bangkok
TJ:Asia/Dushanbe TL:Asia/Dili TM:Asia/Ashgabat TN:Africa/Tunis TT:America/Port_of_Spain
TV:Pacific/Funafuti TW:Asia/Taipei UA:Europe/Kyiv UG:Africa/Kampala
UY:America/Montevideo UZ:Asia/Tashkent VE:America/Caracas WS:Pacific/Apia
ZM:Africa/Lusaka ZW:Africa/Harare
"""

WITHOUT_HOME: frozenset[str] = frozenset(
    {"cop", "cu", "eo", "gez", "grc", "ie", "io", "jbo", "la", "lzh", "prg", "sa"}
)
"""Constructed, classical and liturgical languages, which are at home in no territory."""

CAPITAL_ZONES: dict[str, str] = {
    territory: zone for territory, _, zone in (item.partition(":") for item in _CAPITALS.split())
}
"""Time zone that is named after the capital or seat of government, by territory.

Omitted where the seat is disputed, divided or moving, or the zone is named after an island."""

_NOT_CITIES = """
America/Anguilla America/Antigua America/Aruba America/Bahia America/Bahia_Banderas
America/Barbados America/Belize America/Cayman America/Costa_Rica America/Creston
America/Curacao America/Danmarkshavn America/Dominica America/El_Salvador
America/Grand_Turk America/Grenada America/Guadeloupe America/Guatemala America/Guyana
America/Jamaica America/Lower_Princes America/Martinique America/Miquelon
America/Montserrat America/Noronha America/Panama America/Puerto_Rico
America/St_Barthelemy America/St_Kitts America/St_Lucia America/St_Thomas
America/St_Vincent America/Tortola Asia/Bahrain Asia/Brunei Asia/Famagusta
Asia/Hong_Kong Asia/Jerusalem Asia/Kamchatka Asia/Kuwait Asia/Macau Asia/Qatar
Asia/Sakhalin Asia/Singapore Atlantic/Azores Atlantic/Bermuda Atlantic/Canary
Atlantic/Cape_Verde Atlantic/Faroe Atlantic/Madeira Atlantic/South_Georgia
Atlantic/St_Helena Australia/Lindeman Australia/Lord_Howe Africa/Djibouti
Africa/El_Aaiun Europe/Andorra Europe/Gibraltar Europe/Guernsey Europe/Isle_of_Man
Europe/Jersey Europe/Luxembourg Europe/Malta Europe/Monaco Europe/San_Marino
Europe/Simferopol Europe/Vatican Indian/Chagos Indian/Christmas Indian/Cocos
Indian/Comoro Indian/Kerguelen Indian/Mahe Indian/Maldives Indian/Mauritius
Indian/Mayotte Indian/Reunion Pacific/Bougainville Pacific/Chatham Pacific/Chuuk
Pacific/Easter Pacific/Efate Pacific/Fakaofo Pacific/Fiji Pacific/Galapagos
Pacific/Gambier Pacific/Guadalcanal Pacific/Guam Pacific/Kanton Pacific/Kiritimati
Pacific/Kosrae Pacific/Kwajalein Pacific/Marquesas Pacific/Midway Pacific/Nauru
Pacific/Niue Pacific/Norfolk Pacific/Palau Pacific/Pitcairn Pacific/Pohnpei
Pacific/Rarotonga Pacific/Saipan Pacific/Tahiti Pacific/Tarawa Pacific/Tongatapu
Pacific/Wake Pacific/Wallis Antarctica/Macquarie
"""

NOT_CITIES: frozenset[str] = frozenset(_NOT_CITIES.split())
"""Zones named after an island, a state or a disputed place, not a town."""
