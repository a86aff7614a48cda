"""Taps that come twice, late, or from somebody who made them up."""

from tests.acceptance.harness import Person, buttons
from tests.acceptance.hosted import Hosted


async def at_home(person: Person) -> None:
    await person.say("/start")
    await person.say("Berlin")


async def test_a_double_tap_on_send_leaves_the_buttons_of_the_promise(hosted: Hosted) -> None:
    mara = await hosted.person("Mara")
    await at_home(mara)
    await mara.say("/space 20")
    await mara.tap("space.choose.settle_thoughts")
    preview = (await mara.chat()).messages[-1]
    data = buttons(preview)[0]["callback_data"]
    for _ in range(2):  # both in one batch, or in two: the bot is not waited for
        body = {"message_id": preview["message_id"], "data": data}
        await hosted.post(f"people/{mara.id}/tap_raw", body)
    await hosted.settle()
    await hosted.advance(2)
    assert await mara.has("space.sent_alone") is not None
    assert await mara.has("errors.stale") is None
    await mara.tap("space.im_back")
    await mara.sees("space.back_alone")


async def test_a_double_tap_on_breathe_is_one_breath(hosted: Hosted) -> None:
    mara = await hosted.person("Mara")
    await at_home(mara)
    menu = (await mara.chat()).messages[-1]
    [data] = [each["callback_data"] for each in buttons(menu) if each["text"] == "Breathe with me"]
    for _ in range(2):
        await hosted.post(f"people/{mara.id}/tap_raw", {"message_id": menu["message_id"], "data": data})
    await hosted.settle()
    assert await mara.has("breath.start") is not None
    assert await mara.has("breath.ended") is None
    await hosted.advance(61)
    await mara.sees("breath.done")


async def test_an_invitation_cannot_be_taken_by_its_number(hosted: Hosted) -> None:
    mara, eve = await hosted.person("Mara"), await hosted.person("Eve")
    await at_home(mara)
    await at_home(eve)
    await mara.say("/link")
    await mara.sees("link.invite")
    any_message = (await eve.chat()).messages[-1]["message_id"]
    for forged in ("ia:1", "id:1", "ic:1", "ir:1", "iw:1", "ia:", "ia", "\N{SNOWMAN}"):
        await eve.tap_raw(any_message, forged)
    await mara.sees_nothing()
    for chat in (await eve.chat()).messages:
        assert "Mara" not in str(chat)
    await eve.open(await hosted.last_link())  # it is still good for whoever has the link
    await eve.sees("link.invited")
