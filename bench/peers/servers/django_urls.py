"""Where django-oauth-toolkit's views are; whoever comes to sign in is ada."""

from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import include, path


def sign_in(request: HttpRequest) -> HttpResponse:
    """What is measured is the answer to a browser that already has a session."""
    login(request, User.objects.get(username="ada"))
    return HttpResponseRedirect(request.GET["next"])


urlpatterns = [
    path("sign-in", sign_in),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
]
