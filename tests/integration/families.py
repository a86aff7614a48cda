"""Whose the buttons are: each kind of tap stands in one of these, or names a thing that is its sender's own.

A new kind of tap is its sender's own until it is entered here, and is held to the strictest rule.
"""

from bot.telegram import callback_data as to

NOBODYS = (
    to.AboutScript,
    to.BreaksPage,
    to.BreathStop,
    to.BreatheLonger,
    to.BreathePattern,
    to.Dismiss,
    to.JournalPage,
    to.JournalPrompt,
    to.LanguagePick,
    to.LeanPick,
    to.LeaveIt,
    to.NudgeAsked,
    to.NudgeDo,
    to.NudgeNotToday,
    to.Open,
    to.OpenBeside,
    to.PickZone,
    to.Protect,
    to.QuickExit,
    to.QuietHoursPick,
    to.RemindAt,
    to.RemindDiscreet,
    to.RemindPause,
    to.RemindPauseAsk,
    to.RemindResume,
    to.RemindWish,
    to.SignalChange,
    to.SignalPutBack,
    to.SilentDay,
    to.StartScript,
    to.TogetherAnswer,
    to.TogetherEarlier,
    to.TogetherSkip,
    to.TrendsOf,
    to.TrendsPutAway,
)
"""They name nothing of anybody (or, at most, all of one's own): whoever taps does it for themselves."""

SHARED = (
    to.AgreementChange,
    to.AgreementConfirm,
    to.AgreementTakeBack,
    to.LaterAgree,
    to.LaterLetGo,
    to.LaterLetGoAgreed,
    to.LaterOffer,
    to.LaterShow,
    to.ReadyAsk,
    to.ReadyAt,
    to.Sound,
    to.SpaceReady,
    to.SpaceReply,
    to.WelcomeMark,
)
"""They name something of the two: the partner may have the same button."""

BEARER = (to.InvitationAccept, to.InvitationDecline)
"""They carry a secret: whoever has it may use it, until it is used."""

SILENT = {
    "errors.stale",
    "errors.stale_question",
    "errors.link_ended",
    "errors.not_linked",
    "errors.own_invitation",
    "errors.invitation_unknown",
    "errors.already_linked",
    "strip",
}
"""All that somebody is told who taps what is not theirs."""
