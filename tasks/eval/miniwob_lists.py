"""Which MiniWoB++ tasks there are to measure.

The 125 are those of BrowserGym's benchmark. `PUBLIC` are those that the bundled model may be
trained on; one of them, button-delay, is not among the 125.
"""

from typing import Literal

ListName = Literal["public", "unseen", "all"]

PUBLIC: tuple[str, ...] = tuple(
    """
    book-flight button-delay choose-date choose-date-easy choose-date-nodelay choose-list
    click-button click-checkboxes click-checkboxes-large click-checkboxes-soft click-collapsible
    click-collapsible-2-nodelay click-collapsible-nodelay click-dialog click-menu click-option
    click-tab click-tab-2 click-tab-2-easy click-tab-2-medium click-test click-test-2 copy-paste
    drag-box drag-items drag-items-grid drag-sort-numbers email-inbox email-inbox-delete
    email-inbox-forward email-inbox-forward-nl email-inbox-important email-inbox-noscroll
    email-inbox-reply enter-text enter-text-2 enter-text-dynamic find-word focus-text
    form-sequence guess-number login-user multi-orderings read-table scroll-text scroll-text-2
    simple-algebra simple-arithmetic social-media social-media-all stock-market terminal
    text-editor tic-tac-toe unicode-test use-autocomplete-nodelay use-slider use-slider-2
    """.split()
)

UNSEEN: tuple[str, ...] = tuple(
    """
    ascending-numbers bisect-angle book-flight-nodelay buy-ticket choose-date-medium
    circle-center click-button-sequence click-checkboxes-transfer click-collapsible-2
    click-color click-dialog-2 click-link click-menu-2 click-pie click-pie-nodelay
    click-scroll-list click-shades click-shape click-tab-2-hard click-test-transfer click-widget
    copy-paste-2 count-shape count-sides daily-calendar drag-circle drag-cube drag-shapes
    drag-shapes-2 drag-single-shape draw-circle draw-line email-inbox-forward-nl-turk
    email-inbox-nl-turk email-inbox-star-reply enter-date enter-password enter-time
    find-greatest find-midpoint focus-text-2 form-sequence-2 form-sequence-3 generate-number
    grid-coordinate highlight-text highlight-text-2 hot-cold identify-shape login-user-popup
    multi-layouts navigate-tree number-checkboxes odd-or-even order-food phone-book read-table-2
    resize-textarea right-angle search-engine sign-agreement social-media-some text-transform
    use-autocomplete use-colorwheel use-colorwheel-2 use-spinner visual-addition
    """.split()
)

BROWSERGYM = tuple(sorted({*PUBLIC, *UNSEEN} - {"button-delay"}))

LISTS: dict[ListName, tuple[str, ...]] = {
    "public": PUBLIC,
    "unseen": UNSEEN,
    "all": BROWSERGYM,
}
