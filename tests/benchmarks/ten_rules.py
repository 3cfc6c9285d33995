"""Ten rules of a user's own, each with an expression of the kind that documents show."""

from __future__ import annotations

from connector.model import ObjectType
from connector.rules.compilation import compile_rules
from connector.rules.rule import Flow, Rule

_FLOWS = {
    "givenName": "PCase([givenName])",
    "surname": "Trim([sn])",
    "companyName": 'IIF(IsPresent([department]),"Contoso " & [department],"Contoso")',
    "extensionAttribute3": 'Left([mail],InStr([mail],"@")-1)',
    "extension_account": '"C-" & [uid]',
    "department": 'IIF([title]="boss",UCase([department]),NULL)',
    "mobilePhone": 'Replace([mobile]," ","")',
    "jobTitle": 'IIF(IsNullOrEmpty([title]),"none",[title])',
    "city": 'Switch([l]="Roma","Rome",True,[l])',
    "cloudFiltered": 'IIF([title]="Secret",True,NULL)',
}

CHAIN = compile_rules(
    Rule(f"Own {to}", ObjectType.USER, place, (Flow(to, value=text),))
    for place, (to, text) in enumerate(_FLOWS.items(), start=1)
).chain
