"""Which endings of file names mail providers refuse or hide, and which content an ending promises."""

from __future__ import annotations

from collections.abc import Mapping


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


GMAIL = _words(
    "ade adp apk appx appxbundle bat cab chm cmd com cpl diagcab diagcfg diagpkg dll dmg ex ex_ exe hta img ins iso "
    "isp jar jnlp js jse lib lnk mde mjs msc msi msix msixbundle msp mst nsh pif ps1 scr sct shb sys vb vbe vbs vhd "
    "vxd wsc wsf wsh xll"
)
"""Gmail bounces a message with such a file: https://support.google.com/mail/answer/6590"""

INSIDE = GMAIL | {"vhdx"}
"""What an archive or a document must not hold: what Gmail refuses there too, and the other virtual disk of Windows."""

OUTLOOK = _words(
    "ade adp app application appref-ms asp aspx asx bas bat bgi cab cdxml cer chm cmd cnt com cpl crt csh der "
    "diagcab exe fxp gadget grp hlp hpj hta htc inf ins iso isp its jar jnlp js jse ksh lnk mad maf mag mam maq mar "
    "mas mat mau mav maw mcf mda mdb mde mdt mdw mdz msc msh msh1 msh1xml msh2 msh2xml mshxml msi msp mst msu ops "
    "osd pcd pif pl plg prf prg printerexport ps1 ps1xml ps2 ps2xml psc1 psc2 psd1 psdm1 pssc pst py pyc pyo pyw "
    "pyz pyzw reg scf scr sct settingcontent-ms shb shs theme tmp udl url vb vbe vbp vbs vhd vhdx vsmacros vsw "
    "webpnp website ws wsb wsc wsf wsh xbap xll xnk"
)
"""Outlook takes such a file from its reader (Level 1):
https://support.microsoft.com/en-us/office/blocked-attachments-in-outlook-434752e1-02d3-4e90-9124-8b81e49a8519"""

PROVIDERS: Mapping[str, frozenset[str]] = {"Gmail": GMAIL, "Outlook": OUTLOOK}

RUN_BY_DOUBLE_CLICK = _words(
    "bat cmd hta js jse mjs ps1 ps1xml ps2 psc1 psdm1 pyw sct vb vbe vbs wsc wsf wsh ws msh scpt applescript "
    "command csh ksh jsx"
)
"""Scripts that a system may run when they are opened."""

OTHER_SCRIPTS = _words("sh bash zsh py pl rb php lua tcl awk psm1 psd1 asp aspx jsp cgi")
"""Scripts that open as text on most systems."""

RISKY = GMAIL | OUTLOOK | RUN_BY_DOUBLE_CLICK | _words(
    "appinstaller html htm shtml xhtml svg one onepkg rdp slk iqy library-ms search-ms scf mobileconfig vmdk wim "
    "deb rpm pkg xpi crx air mht mhtml"
)  # fmt: skip
"""Endings behind which something runs, opens a page or changes settings."""

DOCUMENTS = _words(
    "pdf doc docx docm xls xlsx xlsm csv ppt pptx odt ods rtf txt jpg jpeg png gif bmp tif tiff mp3 mp4 wav zip eml "
    "msg xml pages numbers"
)
"""Endings that a reader trusts."""

_TEXT = "script html svg xml calendar contact signature encrypted message shortcut"


def _by_ending(rows: Mapping[str, str]) -> Mapping[str, frozenset[str]]:
    return {ending: frozenset(families.split()) for endings, families in rows.items() for ending in endings.split()}


PROMISED: Mapping[str, frozenset[str]] = _by_ending(
    {
        "pdf": "pdf",
        "doc dot xls xlt xlsb ppt pps pot": "ole office archive html xml message",
        "docx docm dotx dotm xlsx xlsm xltx xltm pptx pptm ppsx ppsm potx": "office ole archive",
        "odt ods odp odg": "office archive xml",
        "rtf": "office ole",
        "jpg jpeg jpe png gif bmp tif tiff webp heic heif avif ico": "image",
        "svg": "svg xml",
        "zip": "archive office executable installer",
        "rar 7z gz tgz tar bz2 xz": "archive",
        "mp3 m4a wav ogg oga flac amr wma": "audio video",
        "mp4 m4v mov avi mkv webm wmv mpg mpeg": "video audio",
        "txt csv log": _TEXT,
        "html htm xhtml": "html xml svg script",
        "ics vcs": "calendar",
        "vcf": "contact",
        "p7s": "signature",
        "p7m": "encrypted signature",
    }
)
"""Ending -> the families of content that fit it."""

DECLARED: Mapping[str, frozenset[str]] = _by_ending(
    {
        "image/": "image svg",
        "audio/": "audio video",
        "video/": "video audio",
        "application/pdf": "pdf",
        "application/msword application/vnd.ms-excel application/vnd.ms-powerpoint": "ole office archive html xml",
        "application/rtf text/rtf": "office ole",
        "application/zip application/x-zip-compressed": "archive office executable installer",
        "application/gzip application/x-gzip": "archive",
        "text/plain text/csv": _TEXT,
        "text/html application/xhtml+xml": "html xml svg script",
        "text/calendar": "calendar",
        "text/vcard text/x-vcard": "contact",
    }
)
"""Media type, or the main one with its slash -> the families of content that fit it."""
